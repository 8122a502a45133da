package claim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

var moment = time.Date(2026, 11, 22, 13, 13, 51, 753339926, time.UTC)

func sample(container, request string) Claim {
	return Claim{
		Version: 1, RequestID: request, Container: container, Name: "node", Run: moment, StopSeconds: 10, Signal: "SIGINT",
		From: moment, Until: moment.Add(2 * time.Second), WrittenAt: time.Now().UTC(), EndedByUs: true, StartUntil: moment.Add(time.Hour), Words: "no such file",
		Result: From(sdk.Result{Outcome: sdk.Done, Detail: "restarted", StopTook: time.Second, Killed: true, ExitCode: new(137), StartedAt: moment}),
	}
}

func open(t *testing.T, path string) *Folder {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func put(t *testing.T, f *Folder, c Claim) {
	t.Helper()
	if err := f.Put(c); err != nil {
		t.Fatal(err)
	}
}

func TestClaimsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "anew")
	f := open(t, path)
	want := sample("cafe", "2")
	put(t, f, sample("cafe", "1"))
	put(t, f, want)
	put(t, f, sample("beef", "3"))
	f = open(t, path)
	if got, ok := f.Of("cafe"); !ok || cmp.Diff(want, got) != "" {
		t.Errorf("claim (-want +got):\n%s", cmp.Diff(want, got))
	}
	if err := f.Remove(sample("beef", "another request")); err != nil {
		t.Fatal(err)
	}
	if _, ok := f.Of("beef"); !ok {
		t.Error("the claim of another request was removed")
	}
	if err := f.Remove(sample("beef", "3")); err != nil {
		t.Fatal(err)
	}
	if _, ok := open(t, path).Of("beef"); ok {
		t.Error("a claim that was removed is back")
	}
}

func TestClaimsInMemory(t *testing.T) {
	f := open(t, "")
	put(t, f, sample("cafe", "1"))
	if _, ok := f.Of("cafe"); !ok || f.Durable() {
		t.Errorf("found %v, durable %v", ok, f.Durable())
	}
	if err := f.Remove(sample("cafe", "1")); err != nil {
		t.Fatal(err)
	}
	if _, ok := f.Of("cafe"); ok {
		t.Error("a claim that was removed is still there")
	}
}

func TestAClaimThatCannotBeWrittenIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	f := open(t, path)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(sample("cafe", "1")); err == nil {
		t.Error("written to a folder that is a file")
	}
	if _, ok := f.Of("cafe"); ok {
		t.Error("a claim that was not written counts")
	}
	if err := f.Put(sample("../cafe", "1")); err == nil {
		t.Error("written outside of the folder")
	}
}

func TestDamagedClaimsAreLeftOut(t *testing.T) {
	path := t.TempDir()
	old := sample("old", "1")
	old.WrittenAt = time.Now().Add(-2 * kept)
	f := open(t, path)
	put(t, f, old)
	put(t, f, sample("good", "1"))
	for name, text := range map[string]string{"bad": "{", "empty": "", "later": `{"version":2,"container":"later","request_id":"1"}`} {
		if err := os.WriteFile(filepath.Join(path, name+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(path)
	for _, name := range []string{"bad.json", "empty.json", "later.json"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not name %s", err, name)
		}
	}
	for name, want := range map[string]bool{"good": true, "bad": false, "empty": false, "later": false, "old": false} {
		if _, ok := f.Of(name); ok != want {
			t.Errorf("claim of %s: %v, want %v", name, ok, want)
		}
	}
}

func TestCovers(t *testing.T) {
	c := sample("cafe", "1")
	for name, test := range map[string]struct {
		at   time.Time
		want bool
	}{
		"before": {moment.Add(-1), false}, "at the claim": {moment, true}, "within": {c.Until, true}, "after": {c.Until.Add(1), false},
	} {
		if got := c.Covers(test.at); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	c.From, c.Until = time.Time{}, time.Time{}
	if c.Covers(time.Time{}) {
		t.Error("a claim without the engine's clock covers a moment")
	}
}
