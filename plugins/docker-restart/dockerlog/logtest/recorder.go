// Package logtest is a test kit for what reads a log: a host that keeps what it
// is sent. It must not be imported outside of tests.
package logtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// Patience is how long a test waits for what must come. It is generous, since
// the machine may be busy.
const Patience = 60 * time.Second

// Recorder is a host that keeps what it is sent.
type Recorder struct {
	mu      sync.Mutex
	items   []string // one for each line and mark
	newest  []byte
	changed chan struct{}
	Fail    error // what Send answers
}

var _ sdk.LogWriter = (*Recorder)(nil)

func NewRecorder() *Recorder { return &Recorder{changed: make(chan struct{})} }

func (r *Recorder) Send(item sdk.LogItem) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Fail != nil {
		return r.Fail
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
			r.newest = slices.Clone(item.Cursor)
		}
	}
	close(r.changed)
	r.changed = make(chan struct{})
	return nil
}

// Until waits for what has been sent to satisfy enough.
func (r *Recorder) Until(t testing.TB, what string, enough func(items []string) bool) []string {
	t.Helper()
	timeout := time.After(Patience)
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

// UntilItem waits for one item that begins so.
func (r *Recorder) UntilItem(t testing.TB, prefix string) []string {
	t.Helper()
	return r.Until(t, fmt.Sprintf("%q", prefix), func(items []string) bool { return Count(items, prefix) > 0 })
}

func (r *Recorder) Items() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.items)
}

func (r *Recorder) Cursor() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.newest
}

// Count is how many items begin so.
func Count(items []string, prefix string) int {
	n := 0
	for _, item := range items {
		if strings.HasPrefix(item, prefix) {
			n++
		}
	}
	return n
}

// Only are the items that begin so, without that beginning.
func Only(items []string, prefix string) []string {
	var found []string
	for _, item := range items {
		if rest, ok := strings.CutPrefix(item, prefix); ok {
			found = append(found, rest)
		}
	}
	return found
}
