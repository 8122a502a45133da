package execaction

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// claims notes which requests were begun, so that none is begun twice, also by
// the process that follows this one. A folder of this user's alone holds one
// file for each, and beside it what the command prints.
type claims struct{ dir string }

// keptFor is how long a claim is kept. A host asks again only for its newest
// request of a target.
const keptFor = 7 * 24 * time.Hour

// claim is what is noted. PID and Start tell the process of the command, once
// there is one.
type claim struct {
	PID   int    `json:"pid,omitempty"`
	Start string `json:"start,omitempty"`
}

// errClaimed says that a request was begun before.
var errClaimed = errors.New("the request was begun before")

func newClaims(dir string) claims {
	if dir == "" {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("headwatch-exec-action-%d", os.Geteuid()))
	}
	return claims{dir: dir}
}

func (c claims) path(request, kind string) string {
	sum := sha256.Sum256([]byte(request))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16])+"."+kind)
}

// open makes the folder and makes sure that nobody else may write there: a
// claim that another user can make or remove is none.
func (c claims) open() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return fmt.Errorf("make the folder for begun acts: %w", err)
	}
	info, err := os.Lstat(c.dir)
	if err != nil {
		return fmt.Errorf("look at the folder for begun acts: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || info.Mode().Perm()&0o022 != 0 || ok && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("the folder for begun acts, %s, is not this user's alone: set state_dir to one that is", c.dir)
	}
	return nil
}

// create notes a request before anything is run for it, for good, and opens the
// file for the command's output. It is errClaimed for a request that was begun.
func (c claims) create(request string) (*os.File, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	c.forgetOld(time.Now())
	f, err := os.OpenFile(c.path(request, "claim"), os.O_CREATE|os.O_EXCL|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, errClaimed
	}
	if err != nil {
		return nil, fmt.Errorf("note the request: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close(), syncFolder(c.dir)); err != nil {
		return nil, fmt.Errorf("note the request: %w", err)
	}
	out, err := os.OpenFile(c.path(request, "out"), os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a file for the output: %w", err)
	}
	return out, nil
}

// noteProcess notes the process that a request was begun with. Where that fails, the
// request counts as begun all the same.
func (c claims) noteProcess(request string, pid int) error {
	start, _ := startOf(pid)
	text, err := json.Marshal(claim{PID: pid, Start: start})
	if err != nil {
		return err
	}
	// The rename replaces the file at once: a reader finds the empty claim or
	// this one, never a part.
	part := c.path(request, "part")
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return err
	}
	return os.Rename(part, c.path(request, "claim"))
}

// find is the claim of a request; found is false where it was never begun.
func (c claims) find(request string) (noted claim, found bool, err error) {
	if err := c.open(); err != nil {
		return claim{}, false, err
	}
	text, err := os.ReadFile(c.path(request, "claim"))
	if errors.Is(err, fs.ErrNotExist) {
		return claim{}, false, nil
	}
	if err != nil {
		return claim{}, false, fmt.Errorf("read what was begun: %w", err)
	}
	// An empty claim was made, and its process never noted.
	_ = json.Unmarshal(text, &noted)
	return noted, true, nil
}

// output is the end of what the command of a request has printed.
func (c claims) output(request string) string {
	f, err := os.Open(c.path(request, "out"))
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	text := make([]byte, min(info.Size(), mostTail))
	n, _ := f.ReadAt(text, info.Size()-int64(len(text))) // what came is what there is
	return string(text[:n])
}

func (c claims) forgetOld(now time.Time) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && now.Sub(info.ModTime()) > keptFor {
			_ = os.Remove(filepath.Join(c.dir, entry.Name())) // the next act tries again
		}
	}
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
