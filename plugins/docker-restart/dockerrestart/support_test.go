package dockerrestart

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/client"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/sdk"
)

// patience is how long a test waits for what must come. It is generous, since
// the machine may be busy.
const patience = 60 * time.Second

// scriptCommand is the program of test containers.
const scriptCommand = "github.com/headwatch/headwatch/internal/enginetest/scriptcmd"

// recorder is a host that keeps what it is sent.
type recorder struct {
	mu      sync.Mutex
	items   []string // one for each line and mark
	cursor  []byte
	changed chan struct{}
	fail    error // what Send answers
}

var _ sdk.LogWriter = (*recorder)(nil)

func newRecorder() *recorder { return &recorder{changed: make(chan struct{})} }

func (r *recorder) Send(item sdk.LogItem) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	switch item := item.(type) {
	case sdk.RunStarted:
		r.items = append(r.items, "run "+item.StartedAt.Format(time.RFC3339Nano))
	case sdk.BacklogEnd:
		r.items = append(r.items, "backlog end")
	case sdk.Gap:
		r.items = append(r.items, "gap: "+item.Reason)
	case sdk.Unreadable:
		r.items = append(r.items, "unreadable: "+item.Reason)
	case sdk.Lines:
		for _, l := range item.Lines {
			r.items = append(r.items, "line "+string(l.Text))
		}
		if item.Cursor != nil {
			r.cursor = slices.Clone(item.Cursor)
		}
	}
	close(r.changed)
	r.changed = make(chan struct{})
	return nil
}

// until waits for what has been sent to satisfy enough.
func (r *recorder) until(t testing.TB, what string, enough func(items []string) bool) []string {
	t.Helper()
	timeout := time.After(patience)
	for {
		r.mu.Lock()
		items, changed := slices.Clone(r.items), r.changed
		r.mu.Unlock()
		if enough(items) {
			return items
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("%s did not come; got %d items, the last:\n%s", what, len(items), strings.Join(items[max(0, len(items)-20):], "\n"))
		}
	}
}

// untilItem waits for one item that begins so.
func (r *recorder) untilItem(t testing.TB, prefix string) []string {
	t.Helper()
	return r.until(t, fmt.Sprintf("%q", prefix), func(items []string) bool { return count(items, prefix) > 0 })
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.items)
}

func (r *recorder) lastCursor() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cursor
}

// count is how many items begin so.
func count(items []string, prefix string) int {
	n := 0
	for _, item := range items {
		if strings.HasPrefix(item, prefix) {
			n++
		}
	}
	return n
}

// only are the items that begin so, without that beginning.
func only(items []string, prefix string) []string {
	var found []string
	for _, item := range items {
		if rest, ok := strings.CutPrefix(item, prefix); ok {
			found = append(found, rest)
		}
	}
	return found
}

// startPlugin is a configured plugin for an engine.
func startPlugin(t testing.TB, host string, change func(*Config)) *plugin {
	t.Helper()
	p := newPlugin()
	p.config.DockerHost = host
	if change != nil {
		change(&p.config)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// read follows a target's log until the returned function is called, which
// returns the error that the reading ended with.
func read(t testing.TB, p *plugin, target Target, from sdk.ReadFrom, w sdk.LogWriter) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.ReadLog(ctx, target, from, w) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

// inspect asks for the state and wants an answer.
func inspect(t testing.TB, p *plugin, target Target) sdk.State {
	t.Helper()
	state, err := p.Inspect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// restart executes a request for the run that the target has now.
func restart(t testing.TB, p *plugin, target Target, id string) sdk.Result {
	t.Helper()
	state := inspect(t, p, target)
	result, err := p.Execute(t.Context(), target, sdk.Request{ID: id, TargetID: state.ID, RunStartedAt: state.StartedAt, AskedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// outcome wants a result of this kind.
func outcome(t testing.TB, got sdk.Result, want sdk.Outcome) {
	t.Helper()
	if got.Outcome != want {
		t.Fatalf("outcome is %d (%s), want %d", got.Outcome, got.Detail, want)
	}
}

// realContainer makes and starts a container on the real engine.
func realContainer(t testing.TB, api *client.Client, spec enginetest.Spec) (id string) {
	t.Helper()
	id = enginetest.NewContainer(t, api, spec)
	startContainer(t, api, id)
	return id
}
