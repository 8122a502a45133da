package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSocketDir(t *testing.T) {
	t.Run("keeps those of living hosts", func(t *testing.T) {
		dir := folder(t)
		first, err := makeSocketDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		second, err := makeSocketDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*SocketDir{first, second} {
			info, err := os.Stat(d.Path)
			if err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("got %v, %v", info, err)
			}
			if err := d.Remove(); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("spares what is not its own", func(t *testing.T) {
		dir := folder(t)
		for _, name := range []string{"headwatch-", "headwatch-data-1", "other-1-2"} {
			if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink("/", filepath.Join(dir, "headwatch-1-link")); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, "headwatch-1-2"), 0o700); err != nil {
			t.Fatal(err)
		}
		sweep(dir)
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 4 {
			t.Errorf("got %v, %v", entries, err)
		}
	})
	t.Run("says when the path is too long", func(t *testing.T) {
		dir := filepath.Join(folder(t), strings.Repeat("x", 80))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := makeSocketDir(dir); err == nil || !strings.Contains(err.Error(), "too long for sockets") {
			t.Errorf("got %v", err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
	t.Run("has room for a socket in the longest path", func(t *testing.T) {
		d := &SocketDir{Path: filepath.Join(folder(t), strings.Repeat("x", maxSocketDir))[:maxSocketDir]}
		if err := os.Mkdir(d.Path, 0o700); err != nil {
			t.Fatal(err)
		}
		// The names that are added are of random length.
		for range 5 {
			p, err := Start(t.Context(), Options{Path: program(t, "source"), Env: []string{"GORACE=atexit_sleep_ms=0"}, Sockets: d})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Stop(patience); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("says when it cannot be made", func(t *testing.T) {
		if _, err := makeSocketDir("/proc"); err == nil || !strings.Contains(err.Error(), "set TMPDIR") {
			t.Errorf("got %v", err)
		}
	})
}
