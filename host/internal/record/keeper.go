package record

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// keepEvery is how often the folder is looked after when nothing happens.
const keepEvery = 5 * time.Minute

// keeper looks after the files that are closed: it completes what another host
// left behind, compresses, and throws away what is old or too much.
type keeper struct {
	Settings
	listener Listener
	logger   *slog.Logger

	mu sync.Mutex
	// writing are the names of the files that are open, by their recordings.
	writing map[*MonitorRecorder]string
	lock    *os.File
	// entered says that the folder is ours to look after.
	entered atomic.Bool
	stored  int64
	files   int
	said    string
}

// claim keeps a file from being looked after, until release.
func (k *keeper) claim(t *MonitorRecorder, name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writing[t] = name
}

func (k *keeper) release(t *MonitorRecorder) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.writing, t)
}

// grew counts what was written since the folder was looked at.
func (k *keeper) grew(bytes int64, files int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stored += bytes
	k.files += files
	k.listener.RecordingStored(k.stored, k.files)
}

// enter makes the folder where it is missing, and locks it: two hosts in one
// folder would take each other's files for left behind.
func (k *keeper) enter() error {
	if k.lock != nil {
		return nil
	}
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(k.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open lock: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errors.New("another host records into this folder")
		}
		return fmt.Errorf("lock %s: %w", k.Dir, err)
	}
	k.lock = lock
	k.entered.Store(true)
	k.sweep()
	return nil
}

func (k *keeper) leave() {
	if k.lock != nil {
		k.entered.Store(false)
		k.lock.Close()
		k.lock = nil
	}
}

// run looks after the folder whenever it is asked to, and every keepEvery, until
// asked ends.
func (k *keeper) run(ctx context.Context, asked <-chan struct{}) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case _, more := <-asked:
			k.look(ctx)
			if !more {
				return
			}
		case <-tick.C:
			k.look(ctx)
		}
	}
}

// look goes through the folder once, if it is ours. What fails is told once, and tried again.
func (k *keeper) look(ctx context.Context) {
	if !k.entered.Load() {
		return
	}
	err := k.packAll(ctx)
	err = errors.Join(err, k.throwAway(time.Now()))
	if ctx.Err() != nil {
		return
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != k.said && err != nil {
		k.logger.Error("the folder of the recording cannot be looked after; nothing is lost, and it is tried again", "error", err)
	}
	k.said = text
}

// packAll completes and compresses what is closed.
func (k *keeper) packAll(ctx context.Context) error {
	files, err := listSegments(k.Dir)
	if err != nil {
		return fmt.Errorf("list recordings: %w", err)
	}
	open, failed := k.open(), error(nil)
	for _, f := range files {
		if f.packed || open[f.name] || ctx.Err() != nil {
			continue
		}
		if err := pack(ctx, k.Dir, f.name); err != nil {
			failed = errors.Join(failed, fmt.Errorf("close recording %s: %w", f.name, err))
		}
	}
	return failed
}

// open are the names of the files that are being written. A file that was
// closed since is looked after the next time.
func (k *keeper) open() map[string]bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	open := map[string]bool{}
	for _, name := range k.writing {
		open[name] = true
	}
	return open
}

// throwAway removes what is too old, and the oldest of what is too much.
func (k *keeper) throwAway(now time.Time) error {
	files, err := listSegments(k.Dir)
	if err != nil {
		return fmt.Errorf("list recordings: %w", err)
	}
	kept, total := len(files), int64(0)
	for _, f := range files {
		total += f.size
	}
	open, failed := k.open(), error(nil)
	for _, f := range files {
		if now.Sub(f.ended) <= k.MaxAge && total <= k.MaxSize || open[f.name] {
			continue
		}
		if err := os.Remove(filepath.Join(k.Dir, f.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, fmt.Errorf("remove recording: %w", err))
			continue
		}
		kept, total = kept-1, total-f.size
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stored, k.files = total, kept
	k.listener.RecordingStored(k.stored, k.files)
	return failed
}

// sweep removes what a host left that died while it compressed.
func (k *keeper) sweep() {
	entries, err := os.ReadDir(k.Dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if packingName.MatchString(entry.Name()) {
			// One that stays does no harm.
			_ = os.Remove(filepath.Join(k.Dir, entry.Name()))
		}
	}
}
