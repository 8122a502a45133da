package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseName(t *testing.T) {
	tests := []struct {
		name       string
		ok, packed bool
	}{
		{"aleph-20250301T120000.000Z.jsonl", true, false},
		{"aleph-20250301T120000.000Z.jsonl.gz", true, true},
		{"a-b_c-20250301T120000.999Z.jsonl", true, false},
		{"aleph-20250301T120000Z.jsonl", false, false},
		{"aleph-20259901T120000.000Z.jsonl", false, false},
		{"-20250301T120000.000Z.jsonl", false, false},
		{".aleph-20250301T120000.000Z.jsonl.gz", false, false},
		{"aleph-20250301T120000.000Z.jsonl.gz123", false, false},
		{"aleph-20250301T120000.000Z.jsonl.bak", false, false},
		{"night.jsonl", false, false}, {"lock", false, false}, {"", false, false},
	}
	for _, test := range tests {
		if s, ok := parseName(test.name); ok != test.ok || s.packed != test.packed && ok {
			t.Errorf("%q: ours is %v, packed is %v", test.name, ok, s.packed)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What a host left that was killed is whole lines afterwards, compressed.
func TestPackWhatWasLeft(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	tests := []struct{ name, text, want string }{
		{"whole", "{}\n{}\n", "{}\n{}\n"},
		{"torn", "{}\n{\"t\":", "{}\n"},
		{"torn after a long line", long + "\n" + long, long + "\n"},
		{"only torn", "{\"t\":", ""},
		{"empty", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			plain := filepath.Join(dir, "aleph-20250301T120000.000Z.jsonl")
			write(t, plain, test.text)
			// The host died between the two steps of packing.
			write(t, plain+".gz", "not yet whole")
			if test.want == "" {
				os.Remove(plain + ".gz")
			}
			old := time.Date(2025, 3, 1, 13, 0, 0, 0, time.UTC)
			if err := os.Chtimes(plain, old, old); err != nil {
				t.Fatal(err)
			}
			if err := pack(t.Context(), dir, filepath.Base(plain)); err != nil {
				t.Fatal(err)
			}
			if exists(plain) {
				t.Error("the plain file is still there")
			}
			if test.want == "" {
				if exists(plain + ".gz") {
					t.Error("there is a file of nothing")
				}
				return
			}
			if got := read(t, plain+".gz"); got != test.want {
				t.Errorf("got %.80q, want %.80q", got, test.want)
			}
		})
	}
}

func TestPackThatFailsLosesNothing(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "aleph-20250301T120000.000Z.jsonl")
	write(t, plain, "{}\n")
	if err := os.Mkdir(plain+".gz", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := pack(t.Context(), dir, filepath.Base(plain)); err == nil {
		t.Error("no error though the compressed file cannot be made")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	os.Remove(plain + ".gz")
	if err := pack(ctx, dir, filepath.Base(plain)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if got := read(t, plain); got != "{}\n" {
		t.Errorf("the plain file holds %q", got)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files, want the plain one", len(entries))
	}
}

// counts is a Listener that keeps the last figures.
type counts struct {
	bytes int64
	files int
	lost  int
}

func (c *counts) RecordingStored(bytes int64, files int) { c.bytes, c.files = bytes, files }
func (c *counts) RecordingLost(_ string, records int)    { c.lost += records }

// Only files of ours that are closed are thrown away: the too old ones, and the
// oldest of too many.
func TestThrowAway(t *testing.T) {
	now := time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC)
	day := func(monitor string, d int, ending string) string {
		return fmt.Sprintf("%s-202503%02dT000000.000Z%s", monitor, d, ending)
	}
	foreign := []string{"night.jsonl", "aleph-old.jsonl.gz", "lock", "notes.txt"}
	tests := []struct {
		name string
		age  time.Duration
		size int64
		want []string
	}{
		{"all fit", 100 * 24 * time.Hour, 1000, []string{day("a", 1, ".jsonl.gz"), day("b", 2, ".jsonl.gz"), day("b", 3, ".jsonl"), day("a", 9, ".jsonl.gz"), day("a", 30, ".jsonl")}},
		{"too old", 25 * 24 * time.Hour, 1000, []string{day("b", 3, ".jsonl"), day("a", 9, ".jsonl.gz"), day("a", 30, ".jsonl")}},
		{"too much", 100 * 24 * time.Hour, 300, []string{day("b", 3, ".jsonl"), day("a", 9, ".jsonl.gz"), day("a", 30, ".jsonl")}},
		{"far too much", 100 * 24 * time.Hour, 1, []string{day("b", 3, ".jsonl")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range foreign {
				write(t, filepath.Join(dir, name), strings.Repeat("x", 5000))
			}
			if err := os.Mkdir(filepath.Join(dir, day("a", 4, ".jsonl")), 0o700); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{day("a", 1, ".jsonl.gz"), day("b", 2, ".jsonl.gz"), day("b", 3, ".jsonl"), day("a", 9, ".jsonl.gz"), day("a", 30, ".jsonl")} {
				path := filepath.Join(dir, name)
				write(t, path, strings.Repeat("x", 100))
				s, _ := parseName(name)
				if err := os.Chtimes(path, s.begins, s.begins); err != nil {
					t.Fatal(err)
				}
			}
			told := &counts{}
			k := keeper{Settings: Settings{Dir: dir, MaxAge: test.age, MaxSize: test.size}, listener: told, logger: slog.New(slog.DiscardHandler), writing: map[*MonitorRecorder]string{}}
			k.claim(&MonitorRecorder{}, day("b", 3, ".jsonl")) // is being written
			if err := k.throwAway(now); err != nil {
				t.Fatal(err)
			}
			files, err := listSegments(dir)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range files {
				got = append(got, f.name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if want := (counts{bytes: int64(100 * len(test.want)), files: len(test.want)}); *told != want {
				t.Errorf("told %+v, want %+v", *told, want)
			}
			for _, name := range foreign {
				if !exists(filepath.Join(dir, name)) {
					t.Errorf("%s is gone", name)
				}
			}
		})
	}
}
