package enginetest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// message is one event on the wire. Status, id and from are gone from API
// 1.52 on.
type message struct {
	Status   string `json:"status,omitempty"`
	ID       string `json:"id,omitempty"`
	From     string `json:"from,omitempty"`
	Type     string
	Action   string
	Actor    actor
	Scope    string `json:"scope"`
	Time     int64  `json:"time"`
	TimeNano int64  `json:"timeNano"`
}

type actor struct {
	ID         string
	Attributes map[string]string
}

const (
	eventRing  = 256
	eventSlots = 1024
)

// eventBus keeps the newest events and hands each to those who listen. An
// event for a listener without a free slot is dropped at once; a real engine
// waits 100 ms first.
type eventBus struct {
	mu        sync.Mutex
	ring      []message
	listeners map[chan message]bool
}

func (b *eventBus) publish(m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ring = append(b.ring, m)
	if len(b.ring) > eventRing {
		b.ring = b.ring[1:]
	}
	for l := range b.listeners {
		select {
		case l <- m:
		default:
		}
	}
}

// listen returns what is in the ring and a channel for what follows.
func (b *eventBus) listen() ([]message, chan message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := make(chan message, eventSlots)
	if b.listeners == nil {
		b.listeners = map[chan message]bool{}
	}
	b.listeners[l] = true
	return slices.Clone(b.ring), l
}

func (b *eventBus) leave(l chan message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.listeners, l)
}

// forget empties the ring, as the engine's death does.
func (b *eventBus) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ring = nil
}

// tell publishes an event about the container. The engine's lock is held.
func (c *Container) tell(action string, more map[string]string) {
	attributes := map[string]string{"image": c.spec.Image, "name": c.name}
	for _, from := range []map[string]string{c.spec.Labels, more} {
		for k, v := range from {
			attributes[k] = v
		}
	}
	now := c.engine.now()
	c.engine.events.publish(message{
		Status: action, ID: c.ID, From: c.spec.Image,
		Type: "container", Action: action, Actor: actor{c.ID, attributes},
		Scope: "local", Time: now.Unix(), TimeNano: now.UnixNano(),
	})
}

// Tell publishes an event that does nothing to the container, such as "oom" or
// "health_status: unhealthy".
func (c *Container) Tell(action string) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.tell(action, nil)
}

// serveEvents is GET /events.
func (e *Engine) serveEvents(w http.ResponseWriter, r *http.Request) error {
	args, err := parseFilters(r, "type", "event", "container", "label", "image", "scope")
	if err != nil {
		return err
	}
	since, err := queryTime(r, "since")
	if err != nil {
		return err
	}
	until, err := queryTime(r, "until")
	if err != nil {
		return err
	}
	old, fresh := e.events.listen()
	defer e.events.leave(fresh)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	flush(w)
	send := eventSender(w, r, args)
	kept := !since.IsZero() || !until.IsZero() // either of them asks for what is past
	for _, m := range old {
		at := time.Unix(0, m.TimeNano)
		if kept && !at.Before(since) && (until.IsZero() || !at.After(until)) {
			send(m)
		}
	}
	e.sendFresh(r, fresh, until, send)
	return nil
}

// sendFresh sends what happens from now on; none of it where until is past.
func (e *Engine) sendFresh(r *http.Request, fresh <-chan message, until time.Time, send func(message)) {
	var over <-chan time.Time
	if !until.IsZero() {
		e.mu.Lock()
		left := until.Sub(e.now())
		e.mu.Unlock()
		if left <= 0 {
			return
		}
		timer := time.NewTimer(left)
		defer timer.Stop()
		over = timer.C
	}
	for {
		select {
		case m := <-fresh:
			send(m)
		case <-over:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// eventSender writes the events that the filters let through, one per line.
func eventSender(w http.ResponseWriter, r *http.Request, args filterArgs) func(message) {
	encoder := json.NewEncoder(w)
	modern := !older(apiVersion(r), "1.52")
	return func(m message) {
		if !args.event(m) {
			return
		}
		if modern {
			m.Status, m.ID, m.From = "", "", ""
		}
		_ = encoder.Encode(m) // a client that left ends the loop by its context
		flush(w)
	}
}

// event reports whether the filters let an event through. Actions, ids and
// names match by their beginning.
func (f filterArgs) event(m message) bool {
	starts := func(key string, values ...string) bool {
		return f.any(key, func(want string) bool {
			return slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, want) })
		})
	}
	return f.any("type", func(want string) bool { return want == m.Type }) &&
		starts("event", m.Action) &&
		starts("container", m.Actor.ID, m.Actor.Attributes["name"]) &&
		f.labels(m.Actor.Attributes)
}
