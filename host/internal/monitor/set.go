package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// ErrReplaced is why a monitor ends that is to be replaced while the host goes
// on: an act that is under way is then waited for to its end.
var ErrReplaced = errors.New("the monitor is replaced")

// errHostEnds is why monitors end together with the host.
var errHostEnds = errors.New("the host ends")

// The pauses before a monitor that broke is made anew.
const (
	rebuildFirst = 5 * time.Second
	rebuildMost  = 5 * time.Minute
)

// Set runs monitors that come and go while the others go on. A monitor that
// breaks ends alone, and is made anew after a growing pause. All methods may be
// called from any goroutine.
type Set struct {
	logger *slog.Logger

	mu      sync.Mutex
	members map[string]*member
}

// member is one monitor of a set, over all the times that it is made.
type member struct {
	end   context.CancelCauseFunc
	ended chan struct{}

	mu      sync.Mutex
	current *Monitor
}

// NewSet returns a set without monitors.
func NewSet(logger *slog.Logger) *Set {
	return &Set{logger: logger, members: map[string]*member{}}
}

// Add runs the monitor that build makes until it is removed. A name is used once
// at a time.
func (s *Set) Add(name string, build func() *Monitor) {
	ctx, end := context.WithCancelCause(context.Background())
	m := &member{end: end, ended: make(chan struct{})}
	s.mu.Lock()
	s.members[name] = m
	s.mu.Unlock()
	go func() {
		defer close(m.ended)
		m.run(ctx, s.logger.With("monitor", name), build)
	}()
}

// Replace ends the monitors of these names and waits until each is gone. An act
// that is under way is waited for to its end.
func (s *Set) Replace(names ...string) { s.remove(ErrReplaced, names) }

// Close ends all monitors and waits until each is gone. An act that is under way
// may go on for a grace time.
func (s *Set) Close() { s.remove(errHostEnds, s.names()) }

func (s *Set) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name := range s.members {
		names = append(names, name)
	}
	return names
}

func (s *Set) remove(cause error, names []string) {
	var ending sync.WaitGroup
	for _, name := range names {
		s.mu.Lock()
		m := s.members[name]
		delete(s.members, name)
		s.mu.Unlock()
		if m != nil {
			m.end(cause)
			ending.Go(func() { <-m.ended })
		}
	}
	ending.Wait()
}

// Do gives the monitor of that name a command. The error is [ErrNoMonitor] where
// there is none.
func (s *Set) Do(ctx context.Context, name string, c Command) (Answer, error) {
	s.mu.Lock()
	m := s.members[name]
	s.mu.Unlock()
	if m == nil {
		return Answer{}, ErrNoMonitor
	}
	m.mu.Lock()
	current := m.current
	m.mu.Unlock()
	if current == nil {
		return Answer{}, errEnded
	}
	return current.Do(ctx, c)
}

// ErrNoMonitor says that no monitor has a name.
var ErrNoMonitor = errors.New("there is no such monitor")

// Names are the monitors of the set.
func (s *Set) Names() []string { return slices.Sorted(slices.Values(s.names())) }

// AllRefused says whether there are monitors, and the engine has refused the
// connection of each of them for at least that long.
func (s *Set) AllRefused(now time.Time, least time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members {
		if since := m.refusedSince(); since.IsZero() || now.Sub(since) < least {
			return false
		}
	}
	return len(s.members) > 0
}

func (m *member) refusedSince() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current == nil {
		return time.Time{}
	}
	return m.current.RefusedSince()
}

// run makes the monitor, and makes it anew whenever it breaks, until ctx is done.
func (m *member) run(ctx context.Context, logger *slog.Logger, build func() *Monitor) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = rebuildFirst, rebuildMost
	for ctx.Err() == nil {
		monitor := build()
		m.mu.Lock()
		m.current = monitor
		m.mu.Unlock()
		err := runRecovered(ctx, monitor)
		if err == nil {
			return
		}
		pause := pauses.NextBackOff()
		logger.Error("this monitor broke and is made anew; the others go on", "error", err, "again_in", pause.Round(time.Second))
		sleep(ctx, pause)
	}
}

// runRecovered runs a monitor; its error is a panic, which is a mistake of
// headwatch and must cost the other monitors nothing.
func runRecovered(ctx context.Context, m *Monitor) (err error) {
	defer func() {
		if broke := recover(); broke != nil {
			err = fmt.Errorf("panic: %v\n%s", broke, debug.Stack())
		}
	}()
	m.Run(ctx)
	return nil
}
