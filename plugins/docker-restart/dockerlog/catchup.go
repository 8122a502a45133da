package dockerlog

import (
	"context"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// query asks for tail records, from well before the last known line. An empty
// log that was read has nothing but new lines.
func (f *Follower) query(tail int, follow bool) docker.LogQuery {
	anchor, ok := f.at.seen.anchor()
	switch {
	case tail == 0:
		return docker.LogQuery{Follow: follow}
	case !ok:
		return docker.LogQuery{Tail: docker.TailAll, Follow: follow}
	}
	// A stamp from the future, of before the clock was set back, must not
	// hide what came later.
	since := time.Unix(0, min(anchor.at, time.Now().UnixNano())).Add(-clockSlack)
	return docker.LogQuery{Tail: tail, Since: since, Follow: follow}
}

// catchUp reads all that the log holds behind the last known line, and says
// what the container was when the reading began.
func (f *Follower) catchUp(ctx context.Context, c docker.Container) (docker.Container, error) {
	if _, known := f.at.seen.anchor(); !known && !f.begun && !f.fresh {
		return f.firstReading(ctx, c)
	}
	for tail := overlapTail; ; tail *= 10 {
		q := f.query(tail, false)
		if tail > mostTail {
			q = f.lastResort()
		}
		r, err := f.read(ctx, c.ID, q, func(*reading) {})
		if err != nil {
			return c, err
		}
		switch {
		case r.place.passed:
			f.begun, f.fresh = true, false
			return r.of, r.begin()
		case tail > mostTail || r.records < q.Tail:
			return f.acrossGap(ctx, c.ID, q)
		}
	}
}

// lastResort asks for everything since the last known line, however long the
// engine has to search for it.
func (f *Follower) lastResort() docker.LogQuery {
	anchor, _ := f.at.seen.anchor()
	return docker.LogQuery{Tail: docker.TailAll, Since: time.Unix(0, anchor.at)}
}

// firstReading delivers the end of the current run, as much of it as the host
// asked for. At least one line is read, to go on from.
func (f *Follower) firstReading(ctx context.Context, c docker.Container) (docker.Container, error) {
	q := docker.LogQuery{Tail: min(max(f.tail, 1), mostTail)}
	r, err := f.read(ctx, c.ID, q, func(r *reading) { r.silent = f.tail <= 0 })
	if err != nil {
		return c, err
	}
	f.begun = true
	return r.of, r.begin()
}

// acrossGap goes on in a log that no longer holds the last known line.
func (f *Follower) acrossGap(ctx context.Context, id string, q docker.LogQuery) (docker.Container, error) {
	anchor, _ := f.at.seen.anchor()
	lost := &torn{seen: f.at.seen, after: anchor}
	r, err := f.read(ctx, id, q, func(r *reading) {
		f.at.seen = window{}
		r.torn = lost
	})
	if err != nil {
		if len(f.at.seen.order) == 0 {
			f.at.seen = lost.seen
		}
		return docker.Container{}, err
	}
	if err := r.mark(0); err != nil {
		return docker.Container{}, err
	}
	return r.of, r.begin()
}

// read opens the log, prepares the reading and reads to the end.
func (f *Follower) read(ctx context.Context, id string, q docker.LogQuery, prepare func(*reading)) (*reading, error) {
	r, body, err := f.open(ctx, id, q)
	if err != nil {
		return nil, err
	}
	prepare(r)
	if err := r.run(ctx, body); err != nil {
		return nil, &readError{err}
	}
	return r, nil
}

// readError is the failure of a stream that was opened.
type readError struct{ err error }

func (e *readError) Error() string { return "read log: " + docker.Brief(e.err.Error()) }
func (e *readError) Unwrap() error { return e.err }

// skipDamage goes on behind a log that the engine cannot read: what is written
// from now on can still be followed.
func (f *Follower) skipDamage(c docker.Container, said *streamError) error {
	gap := sdk.Gap{Reason: said.Error()}
	if anchor, ok := f.at.seen.anchor(); ok {
		gap.After = time.Unix(0, anchor.at).UTC()
	}
	if err := f.out.send(gap); err != nil || c.StartedAt.Equal(f.at.run) {
		return err
	}
	f.at.run = c.StartedAt
	return f.out.put(sdk.RunStarted{StartedAt: c.StartedAt})
}
