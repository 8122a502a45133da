package dockerlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/containerd/errdefs"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/pause"
	"github.com/headwatch/headwatch/sdk"
)

const (
	// overlapTail is how many records are read again to find the last known
	// line. Where it is further back, ten times as many are, up to mostTail.
	overlapTail = 1000
	mostTail    = 1_000_000
	// clockSlack is how far behind the last line's stamp a reading begins. It
	// must be more than a clock may be set back, since an engine leaves out
	// what is stamped earlier: a hardware clock kept in local time is hours
	// off until the network corrects it. Within the tail it costs nothing.
	clockSlack = 24 * time.Hour
	// longLife is how long a stream must have lived not to count as a failure.
	longLife = 10 * time.Second
)

// logOpener is what a follower needs of an engine.
type logOpener interface {
	Inspect(ctx context.Context, ref string) (docker.Container, error)
	Logs(ctx context.Context, id string, q docker.LogQuery) (io.ReadCloser, error)
}

var _ logOpener = (*docker.Engine)(nil)

// Follower reads the log of one target for as long as the host wants it.
//
// It goes in rounds. Each finds the container, reads what the log holds behind
// the last known line, and then follows until the stream ends, which it does
// with every run of the container:
//
//	find -> catch up -> follow, and mark the end of the backlog -+
//	 ^         | not running: mark it, and wait for a start      |
//	 +---------+--------------------------------------------------+
//
// The end of the backlog is marked once the followed stream has sent what is
// already known: one that hangs when it is opened is no readable log.
//
// A line counts as known by its place in the log, not by its stamp, so that a
// clock may go back. Nothing is kept of a stream that ended: what it lacked,
// the next catching up reads.
type Follower struct {
	find   func(context.Context) (docker.Container, error)
	engine logOpener
	out    *batcher

	at    position
	begun bool // a reading of this container was completed, so all else is new
	fresh bool // the container was made while we looked: its whole log is new
	live  bool // we have looked before
	tail  int  // of a first reading
	reach int  // how many records a stream goes back, where the usual ones were too few in a flood
	once  bool // the host wants what there is now, and no more

	started time.Time // when the host asked

	owed   bool   // the host waits for the mark of the backlog's end
	reason string // of the last Unreadable, while it holds

	away    *backoff.ExponentialBackOff // between attempts to reach the engine
	broken  *backoff.ExponentialBackOff // between attempts to read a log that fails
	reopen  *backoff.ExponentialBackOff // between streams that end at once
	waiting *backoff.ExponentialBackOff // between looks at a container that does not run
}

// NewFollower begins where from says. A cursor that cannot be read is reported
// and counts as none.
func NewFollower(find func(context.Context) (docker.Container, error), engine logOpener, from sdk.ReadFrom, w sdk.LogWriter) (*Follower, error) {
	f := &Follower{
		find:    find,
		engine:  engine,
		tail:    from.Tail,
		once:    from.NoFollow,
		started: time.Now(),
		owed:    true,
		away:    pause.Doubling(250*time.Millisecond, 4*time.Second),
		broken:  pause.Doubling(250*time.Millisecond, 30*time.Second),
		reopen:  pause.Doubling(50*time.Millisecond, 2*time.Second),
		waiting: pause.Doubling(200*time.Millisecond, 2*time.Second),
	}
	f.out = newBatcher(w, f.at.cursor)
	if len(from.Cursor) == 0 {
		return f, nil
	}
	at, err := parseCursor(from.Cursor)
	if err != nil {
		return f, f.out.send(sdk.Gap{Reason: err.Error()})
	}
	f.at, f.begun = at, true
	return f, nil
}

// Run follows until ctx is done or an error that trying again does not mend.
// Where the host wants what there is now, it reads that once.
func (f *Follower) Run(ctx context.Context) error {
	if f.once {
		return f.readOnce(ctx)
	}
	for {
		err := f.round(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			err = f.settle(ctx, err)
		}
		if err != nil {
			return err
		}
	}
}

// settle waits after an error, or returns it where waiting is of no use.
func (f *Follower) settle(ctx context.Context, err error) error {
	var gone *hostError
	var failed *readError
	switch {
	case errors.As(err, &gone):
		return err
	case isAbsent(err):
		return f.whileAbsent(ctx)
	case isFinal(err):
		return err
	case errors.As(err, &failed):
		return f.whileUnreadable(ctx, err, f.broken)
	}
	return f.whileUnreadable(ctx, err, f.away)
}

// isAbsent says whether there is no container at present.
func isAbsent(err error) bool {
	return errors.Is(err, docker.ErrAbsent) || errdefs.IsNotFound(err) || errdefs.IsConflict(err)
}

// isFinal says whether only a person, or another configuration of the engine,
// can mend err.
func isFinal(err error) bool {
	return errdefs.IsNotImplemented(err) || errdefs.IsPermissionDenied(err) || errdefs.IsUnauthorized(err) ||
		errdefs.IsInvalidArgument(err) || errors.Is(err, os.ErrPermission)
}

// whileAbsent waits for a container. Of one that is not there, nothing is left
// to read. One that comes later is read from its beginning.
func (f *Follower) whileAbsent(ctx context.Context) error {
	f.live = true
	if err := f.backlogEnd(); err != nil {
		return err
	}
	return pause.For(ctx, f.waiting.NextBackOff())
}

// whileUnreadable tells the host, once for each reason, and pauses.
func (f *Follower) whileUnreadable(ctx context.Context, err error, between *backoff.ExponentialBackOff) error {
	if reason := err.Error(); reason != f.reason {
		f.reason, f.owed = reason, true
		if err := f.out.send(sdk.Unreadable{Reason: reason}); err != nil {
			return err
		}
	}
	return pause.For(ctx, between.NextBackOff())
}

// backlogEnd marks the end of the backlog where the host waits for it.
func (f *Follower) backlogEnd() error {
	f.reason = ""
	if err := f.out.flush(); err != nil || !f.owed {
		return err
	}
	f.owed = false
	return f.out.put(sdk.BacklogEnd{})
}

// readOnce reads what the log holds now. It reports a failure instead of
// trying again.
func (f *Follower) readOnce(ctx context.Context) error {
	_, _, err := f.findAndCatchUp(ctx)
	var said *streamError
	switch {
	case errors.As(err, &said):
		return &readError{err}
	case err != nil && !isAbsent(err):
		return err
	}
	return f.backlogEnd()
}

// round finds the container, catches up, and follows one run.
func (f *Follower) round(ctx context.Context) error {
	c, started, err := f.findAndCatchUp(ctx)
	tail := max(f.reach, overlapTail)
	var said *streamError
	if errors.As(err, &said) {
		tail = 0
		err = f.skipDamage(c, said)
	}
	if err != nil {
		return err
	}
	f.live = true
	if !started || c.Status != docker.Running && c.Status != docker.Paused {
		if err := f.backlogEnd(); err != nil {
			return err
		}
		return f.awaitStart(ctx, c)
	}
	f.waiting.Reset()
	return f.follow(ctx, c, tail)
}

// findAndCatchUp finds the container and reads what its log holds behind the
// last known line. started says whether the container ever ran.
func (f *Follower) findAndCatchUp(ctx context.Context) (c docker.Container, started bool, err error) {
	c, err = f.find(ctx)
	if err != nil {
		return c, false, err
	}
	f.away.Reset()
	if c.LogDriver == "none" {
		return c, false, fmt.Errorf("read log of container %q: its log driver is none: %w", c.Name, errdefs.ErrNotImplemented)
	}
	f.enter(c)
	if c.StartedAt.IsZero() {
		return c, false, nil
	}
	now, err := f.catchUp(ctx, c)
	if err != nil {
		return c, true, err
	}
	return now, true, nil
}

// enter takes note of another container than before.
func (f *Follower) enter(c docker.Container) {
	if c.ID == f.at.id {
		return
	}
	since := f.at.run
	if since.IsZero() {
		since = f.started
	}
	f.fresh = f.live && c.CreatedAt.After(since)
	f.at, f.begun = position{id: c.ID}, false
}

// awaitStart looks until the container runs, or is another one. A container in
// a loop of restarts is not followed, since each stream would end at once.
func (f *Follower) awaitStart(ctx context.Context, was docker.Container) error {
	for {
		if err := pause.For(ctx, f.waiting.NextBackOff()); err != nil {
			return err
		}
		c, err := f.find(ctx)
		if err != nil {
			return err
		}
		if c.ID != was.ID || !c.StartedAt.Equal(was.StartedAt) || c.Status == docker.Running || c.Status == docker.Paused {
			return nil
		}
	}
}

// follow reads on until the stream ends. It returns nil then, however it
// ended: the next round finds out what became of the container.
func (f *Follower) follow(ctx context.Context, c docker.Container, tail int) error {
	if err := pause.For(ctx, f.reopen.NextBackOff()); err != nil {
		return err
	}
	opened := time.Now()
	r, body, err := f.open(ctx, c.ID, f.query(tail, true))
	if err != nil {
		return err
	}
	if !r.of.StartedAt.Equal(f.at.run) || !r.of.Status.Alive() {
		return body.Close()
	}
	if tail == 0 {
		r.place.passed = true
	}
	err = r.run(ctx, body)
	if r.place.passed {
		f.reach = 0
	}
	if time.Since(opened) > longLife {
		f.reopen.Reset()
		f.broken.Reset()
	}
	var gone *hostError
	var said *streamError
	switch {
	case errors.As(err, &gone):
		return err
	case errors.Is(err, errLostAnchor):
		f.reach = min(10*tail, mostTail)
	case errors.Is(err, errHangs), tail == 0 && errors.As(err, &said):
		return &readError{err}
	}
	return nil
}

// open opens the log and inspects the container after that, so that the
// stream holds no line of a later run than the answer names.
func (f *Follower) open(ctx context.Context, id string, q docker.LogQuery) (*reading, io.ReadCloser, error) {
	body, err := f.engine.Logs(ctx, id, q)
	if err != nil {
		return nil, nil, err
	}
	c, err := f.engine.Inspect(ctx, id)
	if err == nil && c.ID != id {
		err = docker.ErrAbsent
	}
	if err != nil {
		_ = body.Close()
		return nil, nil, err
	}
	return f.newReading(c, q), body, nil
}
