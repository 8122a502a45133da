package trace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/nodelog"
)

func one(parser Parser) []Monitor {
	monitors := setup{Monitors: []string{"aleph"}, Sources: []string{"onfinality"}, Interval: 60, SevereLag: 100, AfterAction: 300}.monitors()
	monitors[0].Parser = parser
	return monitors
}

// batchParser notes how many lines it is given at once.
type batchParser struct {
	fakeParser
	sizes *[]int
}

func (p batchParser) Parse(ctx context.Context, state []byte, lines []Line) ([]byte, [][]nodelog.Event, error) {
	*p.sizes = append(*p.sizes, len(lines))
	return p.fakeParser.Parse(ctx, state, lines)
}

// Lines reach the parser in batches that go beyond checks; a new run begins a
// batch, and its state, anew. Each check sees the lines before it, and no other.
func TestBatches(t *testing.T) {
	const lines, newRun = 3500, 2200
	var b strings.Builder
	t0 := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	var want []int
	for i := 1; i <= lines; i++ {
		now := t0.Add(time.Duration(i) * time.Second).Format(time.RFC3339)
		if i == newRun+1 {
			fmt.Fprintf(&b, `{"t":%q,"target":{"exists":true,"running":true,"started_at":%q}}`+"\n", now, now)
		}
		fmt.Fprintf(&b, `{"t":%q,"log":{"text":"how many"}}`+"\n", now)
		if i%500 == 0 {
			fmt.Fprintf(&b, `{"t":%q,"check":{}}`+"\n", now)
			want = append(want, i-i/(newRun+1)*newRun)
		}
	}
	var sizes, got []int
	r := Replay{Monitors: one(batchParser{sizes: &sizes}), Warn: func(w Warning) { t.Error(w) }, Verdict: func(c Checked) error {
		v := c.Verdict
		got = append(got, int(v.Facts.Get("fact.lines").Number))
		if v.Fetched != 500 {
			t.Errorf("fetched %d lines, want 500", v.Fetched)
		}
		return nil
	}}
	if err := r.Run(t.Context(), opens(b.String())); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines of the run at each check differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{1000, 1000, 200, 1000, 300}, sizes); diff != "" {
		t.Errorf("batches differ (-want +got):\n%s", diff)
	}
}

func opens(text string) Source {
	return TextSource("", []byte(text))
}

// brokenParser answers with too little, or not at all.
type brokenParser struct{ err error }

func (p brokenParser) Parse(context.Context, []byte, []Line) ([]byte, [][]nodelog.Event, error) {
	return nil, nil, p.err
}

const oneLineOneCheck = `{"t":"2025-03-01T12:00:00Z","log":{"text":"x"}}` + "\n" + checkLine + "\n"

func TestReplayEndsAtAnError(t *testing.T) {
	gone := errors.New("plugin is gone")
	noVerdict := func(Checked) error { t.Error("a verdict was given"); return nil }
	fine := func(Checked) error { return nil }
	opened := 0
	tests := []struct {
		name    string
		monitor []Monitor
		verdict func(Checked) error
		trace   Source
		want    string
	}{
		{"parser", one(brokenParser{gone}), noVerdict, opens(oneLineOneCheck), `parse log of monitor "aleph" up to line 2 of the trace: plugin is gone`},
		{"parser says too little", one(brokenParser{}), noVerdict, opens(oneLineOneCheck),
			`parse log of monitor "aleph" up to line 2 of the trace: read answer of the parser: it speaks of 0 lines, not of the 1 given`},
		{"verdict", one(fakeParser{}), func(Checked) error { return gone }, opens(oneLineOneCheck), "plugin is gone"},
		{"open", one(fakeParser{}), noVerdict, Source{Open: func() (io.ReadCloser, error) { return nil, gone }}, "plugin is gone"},
		{"open again", one(fakeParser{}), noVerdict, Source{Open: func() (io.ReadCloser, error) {
			if opened++; opened > 1 {
				return nil, gone
			}
			return opens(oneLineOneCheck).Open()
		}}, "plugin is gone"},
		{"file", one(fakeParser{}), fine, Source{Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(checkLine+"\n"), brokenFile{gone})), nil
		}}, "read trace after line 1: plugin is gone"},
		{"interval", []Monitor{{Name: "aleph"}}, noVerdict, opens(oneLineOneCheck), `replay monitor "aleph": interval 0s is not above zero`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Replay{Monitors: test.monitor, Verdict: test.verdict, Warn: func(Warning) {}}
			if err := r.Run(t.Context(), test.trace); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

type brokenFile struct{ err error }

func (f brokenFile) Read([]byte) (int, error) { return 0, f.err }

func TestReplayEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// Centuries without a check of its own: far more checks than anyone waits for.
	centuries := `{"t":"1025-03-01T12:00:00Z","log_gap":{}}` + "\n" + `{"t":"2025-03-01T12:00:00Z","log_gap":{}}`
	for _, text := range []string{oneLineOneCheck, centuries} {
		if _, _, err := replayText(ctx, one(fakeParser{}), text); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	}
}

func TestReplayWithoutMonitors(t *testing.T) {
	verdicts, warnings, err := replayText(t.Context(), nil, `{"t":"2025-03-01T12:00:00Z","log_gap":{}}`)
	if err != nil || verdicts != "" || warnings != "line 1: skipped records without a monitor: the config has 0 monitors\n" {
		t.Errorf("got %q, %q, %v", verdicts, warnings, err)
	}
}

// FuzzReplay: no trace makes a replay panic or fail, and the same trace gives
// the same verdicts.
func FuzzReplay(f *testing.F) {
	var b bytes.Buffer
	for _, record := range everyRecord() {
		if err := NewWriter(&b).Write(record); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(b.Bytes())
	f.Add([]byte(oneLineOneCheck))
	f.Add([]byte(`{"t":"2025-03-01T12:00:00Z","log":{"text":"Imported #18446744073709551615"}}` + "\n" + `{"t":"2025-03-01T12:00:00Z","head":{"source":"onfinality","best":0}}` + "\n" + checkLine))
	f.Add([]byte(`{"t":"2025-03-01T12:00:00Z","target":{"exists":true,"running":true,"started_at":"9999-12-31T23:59:59Z"}}` + "\n" + checkLine))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.Contains(data, []byte(`"check"`)) {
			return // without checks a jump in t asks for a check each minute of it
		}
		first, warnings, err := replayText(t.Context(), one(fakeParser{}), string(data)+"\n"+checkLine)
		if err != nil {
			t.Fatal(err)
		}
		again, warnedAgain, err := replayText(t.Context(), one(fakeParser{}), string(data)+"\n"+checkLine)
		if err != nil || first != again || warnings != warnedAgain {
			t.Fatalf("the same trace gives other verdicts: %v\n%s\n%s", err, first, again)
		}
	})
}
