// Package store keeps what must survive a restart of the host: when each
// monitor last acted, an act that was begun and not seen to end, and what the
// checks of the target's run saw. It never keeps anything that can be read again
// from a node or an engine.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"

	"github.com/headwatch/headwatch/host/internal/monitor"
)

// version is that of the files' format.
const version = 1

// ErrLocked says that another host uses the folder.
var ErrLocked = errors.New("another host uses this state folder")

// file is what is kept of a monitor as it is written.
type file struct {
	Version int `json:"version"`
	monitor.Kept
}

// usable says whether a file holds what this version wrote.
func (f file) usable() bool {
	return f.Version == version && (f.Intent == nil || f.Intent.RequestID != "" && !f.Intent.AskedAt.IsZero())
}

// Store is a folder with one file for each monitor.
type Store struct {
	dir  string
	lock *os.File
}

// Open makes the folder where it is missing, locks it and checks that it can be
// written. Its error is [ErrLocked] where another host has it.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of state folder: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", dir, ErrLocked)
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	s := &Store{dir: dir, lock: lock}
	if err := s.probe(); err != nil {
		lock.Close()
		return nil, err
	}
	s.sweep()
	return s, nil
}

// Close gives the folder free.
func (s *Store) Close() error { return s.lock.Close() }

// Dir is the folder.
func (s *Store) Dir() string { return s.dir }

func (s *Store) probe() error {
	path := filepath.Join(s.dir, "probe")
	if err := s.write(path, []byte("ok\n")); err != nil {
		return fmt.Errorf("write state folder: %w", err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("write state folder: %w", err)
	}
	return nil
}

// sweep removes what a host left that died while it wrote. No other host is
// writing, for the folder is locked; a file that stays does no harm.
func (s *Store) sweep() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".monitor-") || strings.HasPrefix(name, ".probe") || strings.HasPrefix(name, "."+addressFile) {
			_ = os.Remove(filepath.Join(s.dir, name))
		}
	}
}

// write replaces a file as a whole. What it writes before is in the same
// folder, for another one need not be writable.
func (s *Store) write(path string, data []byte) error {
	return renameio.WriteFile(path, data, 0o600, renameio.WithTempDir(s.dir))
}

// Load reads a monitor's state. A missing file is a first start: the zero value.
// One that cannot be used is set aside; aside then names where, and the state
// counts as an act at now, which is a full cooldown.
func (s *Store) Load(name string, now time.Time) (kept monitor.Kept, aside string, err error) {
	path := s.path(name)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return monitor.Kept{}, "", nil
	}
	if err != nil {
		return monitor.Kept{}, "", fmt.Errorf("read state of monitor %q: %w", name, err)
	}
	var f file
	if err := json.Unmarshal(data, &f); err == nil && f.usable() {
		return f.Kept, "", nil
	}
	aside = fmt.Sprintf("%s.damaged-%d", path, now.Unix())
	if err := os.Rename(path, aside); err != nil {
		return monitor.Kept{}, "", fmt.Errorf("set damaged state of monitor %q aside: %w", name, err)
	}
	return monitor.Kept{LastDone: now}, aside, nil
}

// Save writes a monitor's state: after it returns without an error the state
// survives a loss of power. After an error the file is the old one or the new
// one, and whole.
func (s *Store) Save(name string, kept monitor.Kept) error {
	data, err := json.Marshal(file{Version: version, Kept: kept})
	if err != nil {
		return fmt.Errorf("encode state of monitor %q: %w", name, err)
	}
	if err := s.write(s.path(name), append(data, '\n')); err != nil {
		return fmt.Errorf("write state of monitor %q: %w", name, err)
	}
	return s.syncDir()
}

// syncDir makes a rename durable; renameio leaves that to its caller.
func (s *Store) syncDir() error {
	dir, err := os.Open(s.dir)
	if err != nil {
		return fmt.Errorf("open state folder: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("sync state folder: %w", err)
	}
	return nil
}

// path is the file of a monitor. A monitor's name is an identifier of the
// configuration, so that it is a safe file name.
func (s *Store) path(name string) string {
	return filepath.Join(s.dir, "monitor-"+filepath.Base(name)+".json")
}
