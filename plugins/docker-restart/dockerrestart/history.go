package dockerrestart

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/pause"
)

// watcher hears events.
type watcher interface {
	Watch(ctx context.Context, q docker.EventQuery, opened func(), hear func(docker.Event)) error
}

// clock is the engine's. known is false before its first answer.
type clock interface {
	ClockAhead() (by, spread time.Duration, known bool)
}

// eventEngine is what a history needs of an engine.
type eventEngine interface {
	watcher
	clock
	LearnClock(ctx context.Context) error
}

var _ eventEngine = (*docker.Engine)(nil)

const (
	// askingTime bounds a question for past events. A stream that was opened and
	// says nothing for so long counts as read.
	askingTime = 3 * time.Second
	// keptEvents and keptNames bound what is remembered of one container, and of
	// renames and removals.
	keptEvents = 256
	keptNames  = 64
)

// history is what happened to containers of late. An inspect does not tell who
// stopped a container, or that a stop is under way; the engine's events do. It
// watches them for as long as the plugin lives: the engine itself keeps the
// last 256 only, of all that happens on it.
type history struct {
	engine eventEngine

	mu      sync.Mutex
	watch   int       // counts watches, each of which hears all that the engine still has
	since   time.Time // beginning of the watch that goes on, on the engine's clock; zero while there is none
	trouble error     // why there is none
	byID    map[string][]heardEvent
	names   []docker.Event // renames and removals, the oldest first
	changed chan struct{}  // closed and replaced at each event
}

// heardEvent is an event with the newest watch that heard it.
type heardEvent struct {
	docker.Event
	watch int
}

func newHistory(engine eventEngine) *history {
	return &history{engine: engine, byID: make(map[string][]heardEvent), changed: make(chan struct{})}
}

// run watches until ctx is done.
func (h *history) run(ctx context.Context) {
	between := pause.Doubling(time.Second, 30*time.Second)
	for ctx.Err() == nil {
		// The engine may be another one than before. Where it does not tell its
		// time, other answers do, to the second.
		_ = h.engine.LearnClock(ctx)
		began := time.Now()
		err := h.engine.Watch(ctx, docker.EventQuery{Since: time.Unix(1, 0)}, h.begin, h.hear)
		h.breakOff(err)
		if time.Since(began) > time.Minute {
			between.Reset()
		}
		_ = pause.For(ctx, between.NextBackOff())
	}
}

// begin notes that a watch has begun.
func (h *history) begin() {
	by, _, _ := h.engine.ClockAhead()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watch++
	h.since, h.trouble = time.Now().Add(by), nil
}

func (h *history) breakOff(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.since, h.trouble = time.Time{}, err
}

// hear takes an event. One that was heard before is not taken twice.
func (h *history) hear(one docker.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch one.Action {
	case "destroy":
		delete(h.byID, one.ID)
		h.hearName(one)
	case "rename":
		h.hearName(one)
		fallthrough
	default:
		h.byID[one.ID] = insert(h.byID[one.ID], heardEvent{one, h.watch})
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *history) hearName(one docker.Event) {
	if !slices.ContainsFunc(h.names, func(e docker.Event) bool { return sameEvent(e, one) }) {
		h.names = append(h.names, one)
		h.names = h.names[max(0, len(h.names)-keptNames):]
	}
}

// insert puts an event in its place, which is nearly always the last.
func insert(all []heardEvent, one heardEvent) []heardEvent {
	at := len(all)
	for at > 0 && !all[at-1].At.Before(one.At) {
		at--
		if sameEvent(all[at].Event, one.Event) {
			all[at].watch = one.watch
			return all
		}
	}
	for at < len(all) && all[at].At.Equal(one.At) {
		at++
	}
	all = slices.Insert(all, at, one)
	return all[max(0, len(all)-keptEvents):]
}

func sameEvent(a, b docker.Event) bool {
	return a.ID == b.ID && a.Action == b.Action && a.At.Equal(b.At) && a.Signal == b.Signal
}

// ask asks the engine for the events since a moment of its clock, beside the
// watch. Its error says that they cannot be read.
func (h *history) ask(ctx context.Context, since time.Time) (all []docker.Event, err error) {
	by, spread, _ := h.engine.ClockAhead()
	ctx, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	opened := false
	// Nothing up to now may be left out because the clock is not known exactly.
	query := docker.EventQuery{Since: since.Add(-spread), Until: time.Now().Add(by + spread)}
	err = h.engine.Watch(ctx, query, func() { opened = true }, func(one docker.Event) {
		h.hear(one)
		all = append(all, one)
	})
	if opened && (errors.Is(err, io.EOF) || errors.Is(err, context.DeadlineExceeded)) {
		return all, nil
	}
	return nil, err
}

// engineNow is the time on the engine's clock.
func engineNow(c clock) (time.Time, bool) {
	by, _, known := c.ClockAhead()
	return time.Now().Add(by), known
}

// runEvents are the events of one run of a container, without its start.
type runEvents struct {
	events []docker.Event
	// whole says that the watch that goes on has heard the start of the run and
	// all that came after it.
	whole bool
}

// eventsOf returns the events of the run that began at started.
func (h *history) eventsOf(id string, started time.Time) runEvents {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found runEvents
	begun, ended := false, false
	for _, one := range h.byID[id] {
		switch {
		case !one.At.After(started):
			continue
		case one.Action == "start" && (begun || ended):
			return found
		case one.Action == "start":
			begun = true
			found.whole = !h.since.IsZero() && one.watch == h.watch
			continue
		}
		ended = ended || one.Action == "die"
		found.events = append(found.events, one.Event)
	}
	return found
}

// heardSince says whether the watch that goes on has heard this event, and thus
// all that came after it.
func (h *history) heardSince(one docker.Event) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.since.IsZero() && slices.ContainsFunc(h.byID[one.ID], func(e heardEvent) bool {
		return e.watch == h.watch && sameEvent(e.Event, one)
	})
}

// namesOf are the renames and removals that a name, or a container, had a part
// in.
func (h *history) namesOf(c docker.Container) (found []docker.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range h.names {
		if one.Name == c.Name || one.Action == "rename" && (one.ID == c.ID || one.OldName == c.Name) {
			found = append(found, one)
		}
	}
	return found
}

// watching is since when events are heard without a break, on the engine's
// clock, zero where they are not, with the reason.
func (h *history) watching() (since time.Time, trouble error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since, h.trouble
}

// awaitEnd waits until the end of a run was heard, or ctx is done.
func (h *history) awaitEnd(ctx context.Context, id string, started time.Time) {
	for {
		h.mu.Lock()
		changed := h.changed
		h.mu.Unlock()
		if slices.ContainsFunc(h.eventsOf(id, started).events, func(e docker.Event) bool { return e.Action == "die" }) {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
