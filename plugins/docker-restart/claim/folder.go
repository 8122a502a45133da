package claim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/renameio/v2"
)

const (
	version = 1
	// kept is how long a claim of a container that is gone stays.
	kept = 30 * 24 * time.Hour
)

// Folder holds the newest claim of each container: in a folder, or only in
// memory where there is none. Its methods may be called from any goroutine.
type Folder struct {
	path string // empty for none

	mu     sync.Mutex
	claims map[string]Claim // by container
}

// Open reads the claims in a folder; an empty path is for none. Claims that
// cannot be read are left out, and named in the error beside the others.
func Open(path string) (*Folder, error) {
	f := &Folder{path: path, claims: make(map[string]Claim)}
	if path == "" {
		return f, nil
	}
	files, err := filepath.Glob(filepath.Join(path, "*.json"))
	errs := []error{err}
	for _, file := range files {
		c, err := read(file)
		switch {
		case err != nil:
			errs = append(errs, err)
		case time.Since(c.WrittenAt) > kept:
			errs = append(errs, os.Remove(file))
		default:
			f.claims[c.Container] = c
		}
	}
	return f, errors.Join(errs...)
}

func read(file string) (Claim, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Claim{}, err
	}
	var c Claim
	if err := json.Unmarshal(data, &c); err != nil {
		return Claim{}, fmt.Errorf("read claim %s: %w", filepath.Base(file), err)
	}
	if c.Version != version || c.Container == "" || c.RequestID == "" {
		return Claim{}, fmt.Errorf("read claim %s: not of this version", filepath.Base(file))
	}
	return c, nil
}

// Durable says whether claims outlive this process.
func (f *Folder) Durable() bool { return f.path != "" }

// Of returns the newest claim of a container.
func (f *Folder) Of(container string) (Claim, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.claims[container]
	return c, ok
}

// Put writes a claim in the place of the container's last one. When it returns
// without an error the claim is on the disk. A claim that cannot be written
// still counts in this process, where it replaces itself.
func (f *Folder) Put(c Claim) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.Version = version
	if f.claims[c.Container].RequestID == c.RequestID || f.path == "" {
		f.claims[c.Container] = c
	}
	if f.path == "" {
		return nil
	}
	if err := f.write(c); err != nil {
		return fmt.Errorf("write the claim of an act: %w", err)
	}
	f.claims[c.Container] = c
	return nil
}

// write replaces the claim's file and waits until the disk has it.
func (f *Folder) write(c Claim) error {
	if strings.ContainsAny(c.Container, "/\x00") || c.Container == "" {
		return fmt.Errorf("%q is no id of a container", c.Container)
	}
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return err
	}
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(f.file(c.Container), data, 0o600, renameio.WithTempDir(f.path)); err != nil {
		return err
	}
	return syncFolder(f.path)
}

// syncFolder makes the names in a folder last.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Remove forgets the claim of an act that was never asked for.
func (f *Folder) Remove(c Claim) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.claims[c.Container].RequestID != c.RequestID {
		return nil
	}
	delete(f.claims, c.Container)
	if f.path == "" {
		return nil
	}
	if err := os.Remove(f.file(c.Container)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncFolder(f.path)
}

func (f *Folder) file(container string) string {
	return filepath.Join(f.path, container+".json")
}
