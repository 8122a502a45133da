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
	"sync"
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

// Store is a folder with one file for each monitor. A folder that cannot be used
// is tried again whenever something is loaded or saved, and one that was removed
// is made anew. Any goroutine may use it.
type Store struct {
	dir string

	mu sync.Mutex
	// lock is nil while the folder cannot be used.
	lock *os.File
}

// New returns the store of a folder, which is not looked at yet.
func New(dir string) *Store { return &Store{dir: dir} }

// Open makes the folder where it is missing, locks it and checks that it can be
// written. Its error is [ErrLocked] where another host has it.
func (s *Store) Open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open()
}

// ready opens the folder again where it cannot be used, or is another one than
// the one that was locked. Its error is [monitor.ErrUnwritable].
func (s *Store) ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock != nil && s.holds() {
		return nil
	}
	if err := s.open(); err != nil {
		return fmt.Errorf("%w: %w", monitor.ErrUnwritable, err)
	}
	return nil
}

// holds says whether the lock is still that of the folder.
func (s *Store) holds() bool {
	locked, err := s.lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(s.lock.Name())
	return err == nil && os.SameFile(locked, there)
}

func (s *Store) open() error {
	if s.lock != nil {
		s.lock.Close()
		s.lock = nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("make state folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(s.dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open lock of state folder: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return fmt.Errorf("lock %s: %w", s.dir, ErrLocked)
		}
		return fmt.Errorf("lock %s: %w", s.dir, err)
	}
	if err := s.probe(); err != nil {
		lock.Close()
		return err
	}
	s.lock = lock
	s.sweep()
	return nil
}

// Close gives the folder free.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock == nil {
		return nil
	}
	err := s.lock.Close()
	s.lock = nil
	return err
}

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
	if err := s.ready(); err != nil {
		return monitor.Kept{}, "", err
	}
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
	if err := s.ready(); err != nil {
		return err
	}
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
