package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/pace"
	"github.com/headwatch/headwatch/host/internal/rule"
)

var (
	at   = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	full = monitor.Kept{LastDone: at, LastFailed: at.Add(time.Hour), Intent: &monitor.Intent{RequestID: "r1", TargetID: "c1",
		RunStartedAt: at.Add(-time.Hour), AskedAt: at, Rule: "block_lag.severe", Reason: "behind by 101 blocks (>100)"},
		Memory: &monitor.Memory{At: at, Rules: []string{"rule.quiet: log_age > 900 for 120s"}, Seen: rule.State{UnknownSince: at,
			Run: rule.Run{StartedAt: at.Add(-time.Hour), Trend: []pace.Sample{{At: at, Synced: 1 << 63, Lag: 7, LagOK: true}},
				Since: map[string]time.Time{"rule.quiet": at}}}}}
)

// openStore opens the store of a folder.
func openStore(dir string) (*Store, error) {
	s := New(dir)
	return s, s.Open()
}

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func save(t *testing.T, s *Store, state monitor.Kept) {
	t.Helper()
	if err := s.Save("aleph", state); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestStateSurvivesTheHost(t *testing.T) {
	tests := []struct {
		name  string
		state monitor.Kept
	}{
		{"all of it", full},
		{"nothing", monitor.Kept{}},
		{"an act that was done", monitor.Kept{LastDone: at}},
		{"a first act that is open", monitor.Kept{Intent: full.Intent}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "made", "when missing")
			first := open(t, dir)
			save(t, first, full)
			save(t, first, test.state)
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			got, aside, err := open(t, dir).Load("aleph", at)
			if err != nil || aside != "" {
				t.Fatalf("aside %q, error %v", aside, err)
			}
			if diff := cmp.Diff(test.state, got); diff != "" {
				t.Errorf("state (-saved +loaded):\n%s", diff)
			}
		})
	}
}

func TestMonitorsHaveAFileEach(t *testing.T) {
	s := open(t, t.TempDir())
	save(t, s, full)
	if got, _, err := s.Load("azero", at); err != nil || got != (monitor.Kept{}) {
		t.Errorf("state of another monitor is %+v, error %v; want none", got, err)
	}
}

func TestMissingStateIsAFirstStart(t *testing.T) {
	got, aside, err := open(t, t.TempDir()).Load("aleph", at)
	if err != nil || aside != "" || got != (monitor.Kept{}) {
		t.Errorf("state %+v, aside %q, error %v; want nothing", got, aside, err)
	}
}

func TestStateThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	save(t, s, full)
	path := filepath.Join(dir, "monitor-aleph.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"truncated", string(whole[:len(whole)/2])},
		{"one byte short of whole", strings.TrimRight(string(whole), "}\n")},
		{"zeros after a loss of power", strings.Repeat("\x00", len(whole))},
		{"more behind it", string(whole) + "{}"},
		{"of a later version", strings.Replace(string(whole), `"version":1`, `"version":2`, 1)},
		{"without a version", `{"last_done":"2026-01-02T03:04:05Z"}`},
		{"null", "null"},
		{"another type", `{"version":1,"last_done":true}`},
		{"an intent without an id", `{"version":1,"intent":{"asked_at":"2026-01-02T03:04:05Z"}}`},
		{"an intent without a time", `{"version":1,"intent":{"request_id":"r1"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, aside, err := s.Load("aleph", at)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(monitor.Kept{LastDone: at}, got); diff != "" {
				t.Errorf("state, want an act just now (-want +got):\n%s", diff)
			}
			if text, err := os.ReadFile(aside); err != nil || string(text) != test.text {
				t.Errorf("set aside in %q: %q, error %v; want what was there", aside, text, err)
			}
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the file is still there: %v", err)
			}
			save(t, s, full)
			if got, _, err := s.Load("aleph", at); err != nil || !cmp.Equal(full, got) {
				t.Errorf("saved anew and loaded: %+v, error %v", got, err)
			}
		})
	}
}

func TestStateThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := os.Mkdir(filepath.Join(dir, "monitor-aleph.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, aside, err := s.Load("aleph", at); err == nil {
		t.Errorf("loaded a folder as %+v, aside %q", got, aside)
	}
	if err := s.Save("aleph", full); err == nil {
		t.Error("saved over a folder")
	}
}

// A host that dies between write and rename leaves the old state, and a file
// that the next one removes.
func TestDeathBetweenWriteAndRename(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	save(t, s, full)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".monitor-aleph.json4711", ".probe4711"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"version":1,`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, aside, err := open(t, dir).Load("aleph", at)
	if err != nil || aside != "" || !cmp.Equal(full, got) {
		t.Errorf("loaded %+v, aside %q, error %v; want the old state", got, aside, err)
	}
	if diff := cmp.Diff([]string{"lock", "monitor-aleph.json"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A failed save leaves the old state whole, and a later one works.
func TestFailedSaveKeepsTheOldState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := open(t, dir)
	save(t, s, full)
	away := dir + ".away"
	if err := os.Rename(dir, away); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Save("aleph", monitor.Kept{}); !errors.Is(err, monitor.ErrUnwritable) {
		t.Errorf("saved into a file that stands in the folder's place: %v", err)
	}
	if err := errors.Join(os.Remove(dir), os.Rename(away, dir)); err != nil {
		t.Fatal(err)
	}
	if got, _, err := s.Load("aleph", at); err != nil || !cmp.Equal(full, got) {
		t.Errorf("loaded %+v, error %v; want the old state", got, err)
	}
	save(t, s, monitor.Kept{LastDone: at})
	if names := files(t, dir); slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, ".") }) {
		t.Errorf("files %v: a failed save left something", names)
	}
}

// Nothing is written outside of the folder: in the image nothing else is
// writable.
func TestOnlyTheFolderIsWritten(t *testing.T) {
	base := t.TempDir()
	elsewhere, dir := filepath.Join(base, "tmp"), filepath.Join(base, "state")
	if err := os.Mkdir(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(elsewhere, at, at); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", elsewhere)
	s := open(t, dir)
	save(t, s, full)
	if info, err := os.Stat(elsewhere); err != nil || !info.ModTime().Equal(at) {
		t.Errorf("the folder for temporary files was written to at %v, error %v", info.ModTime(), err)
	}
	info, err := os.Stat(filepath.Join(dir, "monitor-aleph.json"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %#o, want that only its owner reads it", mode)
	}
	if s.Dir() != dir {
		t.Errorf("Dir is %q, want %q", s.Dir(), dir)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"version":1,"last_done":"2026-01-02T03:04:05Z","intent":{"request_id":"r1","asked_at":"2026-01-02T03:04:05Z"}}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte("\x00\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		s := open(t, dir)
		defer s.Close()
		path := filepath.Join(dir, "monitor-aleph.json")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		state, aside, err := s.Load("aleph", at)
		if err != nil {
			t.Fatal(err)
		}
		if aside != "" && !state.LastDone.Equal(at) {
			t.Errorf("state %+v of a damaged file, want a full cooldown", state)
		}
		// What can be used survives being saved.
		save(t, s, state)
		again, aside, err := s.Load("aleph", at)
		if err != nil || aside != "" || !cmp.Equal(state, again) {
			t.Errorf("saved %+v, loaded %+v (aside %q, error %v)", state, again, aside, err)
		}
	})
}

// A folder that cannot be used at the start is tried again; one that holds nothing
// then is a first start.
func TestFolderThatBecomesUsable(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "state")
	if err := os.WriteFile(dir, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(dir)
	if err := s.Open(); err == nil {
		t.Fatal("a file was opened as the folder")
	}
	if _, _, err := s.Load("aleph", at); err == nil {
		t.Fatal("a state was read from a file that is no folder")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	kept, aside, err := s.Load("aleph", at)
	if err != nil || aside != "" || kept != (monitor.Kept{}) {
		t.Errorf("state %+v, aside %q, error %v; want nothing", kept, aside, err)
	}
	if _, err := openStore(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("another host opens the folder: %v, want ErrLocked", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A folder that was removed while the host runs is made anew, with its lock.
func TestFolderThatWasRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := open(t, dir)
	save(t, s, full)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	save(t, s, full)
	if got, _, err := s.Load("aleph", at); err != nil || cmp.Diff(full, got) != "" {
		t.Errorf("state %+v, error %v; want what was saved", got, err)
	}
	if _, err := openStore(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("another host opens the folder: %v, want ErrLocked", err)
	}
}
