package supervisor

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckTrust(t *testing.T) {
	cases := map[string]struct {
		file, dir, above fs.FileMode
		// link puts a symbolic link in a safe folder before it.
		link bool
		want []string
	}{
		"nobody else may write":                  {file: 0o755, dir: 0o755, above: 0o755},
		"its owner's group may write":            {file: 0o775, dir: 0o775, above: 0o775},
		"everybody may write it":                 {file: 0o757, dir: 0o755, above: 0o755, want: []string{"/dir/plugin may be written by everybody", "chmod o-w"}},
		"everybody may replace it":               {file: 0o755, dir: 0o777, above: 0o755, want: []string{"/dir may be written by everybody", "chmod o-w"}},
		"everybody may replace the folder":       {file: 0o755, dir: 0o755, above: 0o777, want: []string{"above may be written by everybody"}},
		"the folder is sticky":                   {file: 0o755, dir: 0o777 | fs.ModeSticky, above: 0o755},
		"the folder above is sticky":             {file: 0o755, dir: 0o755, above: 0o777 | fs.ModeSticky},
		"a file of everybody in a sticky folder": {file: 0o777, dir: 0o777 | fs.ModeSticky, above: 0o755, want: []string{"/dir/plugin may be written by everybody"}},
		"a link to what everybody may replace":   {file: 0o755, dir: 0o777, above: 0o755, link: true, want: []string{"/dir may be written by everybody"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			above := filepath.Join(t.TempDir(), "above")
			path := filepath.Join(above, "dir", "plugin")
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, nil, 0o755); err != nil {
				t.Fatal(err)
			}
			for at, mode := range map[string]fs.FileMode{path: c.file, filepath.Dir(path): c.dir, above: c.above} {
				if err := os.Chmod(at, mode); err != nil {
					t.Fatal(err)
				}
			}
			if c.link {
				link := filepath.Join(t.TempDir(), "plugin")
				if err := os.Symlink(path, link); err != nil {
					t.Fatal(err)
				}
				path = link
			}
			err := checkTrust(path)
			if len(c.want) == 0 {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || !holdsAll(err.Error(), append(c.want, path)) {
				t.Errorf("got %v, want %q and the path", err, c.want)
			}
		})
	}
}

func TestCheckTrustOfAnothersGroup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugin")
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, -1, 54321); err != nil {
		t.Skipf("a file can be given to another group by root only: %v", err)
	}
	if err := os.Chmod(path, 0o775); err != nil {
		t.Fatal(err)
	}
	if err := checkTrust(path); err == nil || !holdsAll(err.Error(), []string{path, "group 54321", "chmod g-w"}) {
		t.Errorf("got %v", err)
	}
}

// TestLaunchRefusesWhatOthersMayWrite is the check at its place: nothing of such
// a plugin runs.
func TestLaunchRefusesWhatOthersMayWrite(t *testing.T) {
	dir := plugins(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	_, _, err := open(context.Background(), newSupervisor(t, slog.New(slog.DiscardHandler)), spec(dir, "action"))
	if err == nil || !strings.Contains(err.Error(), "may be written by everybody") {
		t.Errorf("got %v", err)
	}
}
