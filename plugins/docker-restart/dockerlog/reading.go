package dockerlog

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

const (
	// silenceLimit is how long a followed log may say nothing before it is
	// opened anew. A stream can hang while its container writes: behind a cut
	// connection, or when somebody truncates the engine's file.
	silenceLimit = 60 * time.Second
	// stallLimit is the same for a reading of the past, for which an engine
	// may have to search large files first.
	stallLimit = 2 * time.Minute
	// overlapLimit is how long a followed log may take to send what is
	// already known.
	overlapLimit = 10 * time.Second
)

var (
	// errSilent says that a stream gave nothing for too long.
	errSilent = errors.New("no data for too long")
	// errHangs says that a followed log sent nothing of what it holds.
	errHangs = errors.New("the followed log sends nothing of what was read before")
	// errStandsStill says that a followed log lacks lines of the log itself.
	errStandsStill = errors.New("the followed log lacks lines that the log has")
	// errLostAnchor says that a followed log began behind the last known line.
	errLostAnchor = errors.New("the last known line is not in it")
)

// reading is one opened log stream of one container.
type reading struct {
	f     *Follower
	of    docker.Container // as it was right after the stream was opened
	query docker.LogQuery

	split   splitter
	join    joiner
	place   *overlap
	beside  beside
	records int
	silent  bool // takes note of lines and delivers none
	// newRun says that the run of this reading has not been announced yet.
	newRun bool
	// torn is what was delivered before a gap; nil where there is none.
	torn *torn
}

// torn is the end of what was delivered when the log no longer holds it.
type torn struct {
	seen   window
	after  key
	marked bool
}

// newReading prepares to read a stream of container c, which was inspected
// after the stream was opened: every line in it is of its current run or of an
// earlier one.
func (f *Follower) newReading(c docker.Container, q docker.LogQuery) *reading {
	return &reading{
		f:      f,
		of:     c,
		query:  q,
		split:  newSplitter(c.TTY),
		join:   joiner{boundary: firstStamp(c)},
		place:  newOverlap(&f.at.seen),
		newRun: !c.StartedAt.IsZero() && !c.StartedAt.Equal(f.at.run),
	}
}

// earliest is how much older than the start of its run a line's stamp may be:
// engines before 27 note the start a few milliseconds late.
const earliest = 50 * time.Millisecond

// firstStamp parts the lines of the current run from those of the one before,
// whose last lines may be stamped a little after its end: half way between.
func firstStamp(c docker.Container) int64 {
	slack := earliest
	switch {
	case c.FinishedAt.IsZero():
		slack = time.Second
	case c.FinishedAt.Before(c.StartedAt):
		slack = min(time.Second, c.StartedAt.Sub(c.FinishedAt)/2)
	}
	return nanos(c.StartedAt.Add(-slack))
}

// run reads the stream to its end. A clean end of the stream is nil.
func (r *reading) run(ctx context.Context, body io.ReadCloser) error {
	p := startPump(body)
	defer p.stop()
	limit := stallLimit
	if r.query.Follow {
		limit = silenceLimit
	}
	silence := time.NewTimer(limit)
	defer silence.Stop()
	searched := time.NewTimer(overlapLimit)
	defer searched.Stop()
	r.lookBeside(ctx)
	defer r.beside.due.Stop()
	for {
		if err := r.markBacklogEnd(); err != nil {
			return err
		}
		select {
		case c := <-p.chunks:
			if end, err := r.take(c); end || err != nil {
				return err
			}
			p.release(c)
			r.learnClock()
			silence.Reset(limit)
		case <-r.f.out.due.C:
			if err := r.f.out.flush(); err != nil {
				return err
			}
		case <-searched.C:
			if err := r.search(); err != nil {
				return err
			}
		case <-r.beside.due.C:
			if r.standsStill(ctx) {
				return errStandsStill
			}
		case <-silence.C:
			return errSilent
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// markBacklogEnd marks the end of the backlog where the host waits for it and
// the followed log has sent all that was known.
func (r *reading) markBacklogEnd() error {
	if !r.query.Follow || !r.place.passed || !r.f.owed {
		return nil
	}
	return r.f.backlogEnd()
}

// stampWatcher learns the engine's clock from lines that have just arrived.
type stampWatcher interface {
	SawStamp(stamp, arrived time.Time)
}

// learnClock hands the stamp of the newest line on: where the log is followed,
// the engine's clock has just passed it.
func (r *reading) learnClock() {
	newest, ok := r.f.at.seen.anchor()
	watcher, learns := r.f.engine.(stampWatcher)
	if ok && learns && r.query.Follow && r.place.passed {
		watcher.SawStamp(time.Unix(0, newest.at), time.Now())
	}
}

// take reads a chunk and says whether it was the last.
func (r *reading) take(c chunk) (end bool, err error) {
	if err := r.split.push(c.data, r.record); err != nil {
		return true, err
	}
	if c.err == nil {
		return false, nil
	}
	if !errors.Is(c.err, io.EOF) {
		return true, c.err
	}
	return true, r.finish()
}

// finish is for a clean end. What has no line end is a line only where its run
// is over; else its other half is still to come.
func (r *reading) finish() error {
	if err := r.split.finish(r.record); err != nil {
		return err
	}
	if r.query.Follow {
		return nil
	}
	if !r.of.Status.Alive() {
		return r.join.endAll(r.line)
	}
	return r.join.endEarlier(r.line)
}

// search ends a followed log that does not hold the last known line.
func (r *reading) search() error {
	if !r.query.Follow || r.place.passed {
		return nil
	}
	if r.records == 0 {
		return errHangs
	}
	if err := r.join.endEarlier(r.line); err != nil || r.place.passed {
		return err
	}
	return errLostAnchor
}

func (r *reading) record(one record) error {
	r.records++
	if err := r.join.add(one, r.line); err != nil {
		return err
	}
	if r.query.Follow && !r.place.passed && r.query.Tail != docker.TailAll && r.records > r.query.Tail {
		return errLostAnchor
	}
	return nil
}

// line takes a whole line: drops it where it is known, else delivers it.
func (r *reading) line(l line) error {
	k := l.key()
	r.beside.note(l)
	if r.torn != nil {
		return r.afterGap(l, k)
	}
	if !r.place.admit(k) {
		return nil
	}
	return r.deliver(l, k)
}

// afterGap takes a line of a log that no longer holds what was delivered last.
// Only the stamps can tell then what is new.
func (r *reading) afterGap(l line, k key) error {
	if k.at <= r.torn.after.at || r.torn.seen.has(k) > 0 {
		r.f.at.seen.add(k)
		return nil
	}
	if err := r.mark(k.at); err != nil {
		return err
	}
	return r.deliver(l, k)
}

// mark reports the gap, once. until is the first stamp behind it, zero where
// nothing is there.
func (r *reading) mark(until int64) error {
	if r.torn == nil || r.torn.marked {
		return nil
	}
	r.torn.marked = true
	gap := sdk.Gap{After: time.Unix(0, r.torn.after.at).UTC(), Reason: "the engine's log no longer holds the last line that was read"}
	if until != 0 {
		gap.Until = time.Unix(0, until).UTC()
	}
	return r.f.out.send(gap)
}

// deliver hands a new line on, after the start of its run. Lines from before
// the first known run are only taken note of.
func (r *reading) deliver(l line, k key) error {
	if r.newRun && l.at >= r.join.boundary {
		if err := r.begin(); err != nil {
			return err
		}
	}
	wanted := !r.silent && !r.f.at.run.IsZero()
	if wanted && r.f.out.full(len(l.text)) {
		if err := r.f.out.flush(); err != nil {
			return err
		}
	}
	r.f.at.seen.add(k)
	if wanted {
		r.f.out.add(l)
	}
	return nil
}

// begin announces the run of this reading.
func (r *reading) begin() error {
	if !r.newRun {
		return nil
	}
	r.newRun = false
	if err := r.f.out.flush(); err != nil {
		return err
	}
	r.f.at.run = r.of.StartedAt
	return r.f.out.put(sdk.RunStarted{StartedAt: r.of.StartedAt})
}
