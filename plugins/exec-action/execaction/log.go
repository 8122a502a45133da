package execaction

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// The times of following a log.
const (
	// batchTime is how long lines are gathered.
	batchTime = 100 * time.Millisecond
	// confirmTime is how often the run is asked for while its log is followed.
	confirmTime = 10 * time.Second
	// waitTime is how often a target that does not run is looked at.
	waitTime = 3 * time.Second
	// longLife is how long a command must have run not to count as a failure.
	longLife = 10 * time.Second
	// The pauses before a log that failed is read again.
	firstRetry, longestRetry = 250 * time.Millisecond, 30 * time.Second
)

// Bounds of a batch, and the most lines that a reading which goes on may find.
const (
	batchLines = 500
	batchBytes = 128 << 10
	mostTailed = 1_000_000
)

var _ sdk.LogSource[Target] = (*plugin)(nil)

// errRead says that a reading without following has read all.
var errRead = errors.New("the log is read to its end")

// ReadLog follows the log that the log commands print, or reads what there is.
func (p *plugin) ReadLog(ctx context.Context, t Target, from sdk.ReadFrom, w sdk.LogWriter) error {
	if len(p.config.LogFollow) == 0 {
		return sdk.Unsupported(errors.New("no log_follow is configured: this action serves no log"))
	}
	f := &follower{plugin: p, target: t, out: w, tail: from.Tail, once: from.NoFollow, began: time.Now(), endOwed: true, retry: firstRetry}
	if len(from.Cursor) > 0 {
		at, err := parseCursor(from.Cursor)
		if err != nil {
			if err := w.Send(sdk.Gap{Reason: err.Error()}); err != nil {
				return err
			}
		}
		f.at, f.live = at, err == nil
		f.gapOwed = f.live && !p.config.canResume()
	}
	return f.run(ctx)
}

// canResume says whether a reading can go on from where another ended.
func (c *Config) canResume() bool { return len(c.LogRead) > 0 }

// follower reads the log of one target. It goes in rounds:
//
//	inspect -> read what there is -> mark the end of the backlog -> follow -+
//	   ^                 | does not run: wait                               |
//	   +-----------------+---- another run, or the command ended -----------+
//
// Without log_read nothing that was printed while nobody listened can be read:
// each following then begins with a gap.
type follower struct {
	plugin *plugin
	target Target
	out    sdk.LogWriter
	tail   int
	once   bool // it does not follow
	began  time.Time

	at      position
	live    bool // a backlog was read, so all else is new
	gapOwed bool // lines may be missing before what follows
	endOwed bool // the host waits for the mark of the backlog's end
	reason  string
	retry   time.Duration

	batch  []sdk.Line
	bytes  int
	recent recent
}

// sendError is an error of the host's side.
type sendError struct{ error }

func (f *follower) send(item sdk.LogItem) error {
	if err := f.out.Send(item); err != nil {
		return sendError{err}
	}
	return nil
}

// run goes on until ctx is done or an error that trying again does not mend.
func (f *follower) run(ctx context.Context) error {
	for {
		began := time.Now()
		err := f.readRun(ctx)
		var sent sendError
		var status *sdk.Error
		switch {
		case errors.Is(err, errRead):
			return nil
		case errors.As(err, &sent):
			return sent.error
		case ctx.Err() != nil:
			return ctx.Err()
		case f.once, errors.As(err, &status) && (status.Code() == codes.InvalidArgument || status.Code() == codes.PermissionDenied):
			return err
		case err != nil && err.Error() != f.reason:
			f.reason, f.endOwed = err.Error(), true
			if err := f.send(sdk.Unreadable{Reason: f.reason}); err != nil {
				return err.(sendError).error
			}
		}
		if time.Since(began) > longLife {
			f.retry = firstRetry
		}
		if !sleep(ctx, f.retry) {
			return ctx.Err()
		}
		f.retry = min(2*f.retry, longestRetry)
	}
}

// readRun reads the log of one run, for as long as its command goes on.
func (f *follower) readRun(ctx context.Context) error {
	state, err := f.plugin.inspect(ctx, f.target)
	if err != nil {
		return err
	}
	if !state.Exists || !state.Running {
		f.retry = firstRetry
		f.live = true
		if err := f.sendBacklogEnd(); err != nil {
			return err
		}
		sleep(ctx, waitTime)
		return nil
	}
	if !state.StartedAt.Equal(f.at.Run) {
		if err := f.startRun(state.StartedAt); err != nil {
			return err
		}
	}
	if err := f.readBacklog(ctx); err != nil {
		return err
	}
	f.live = true
	if err := f.sendBacklogEnd(); err != nil {
		return err
	}
	return f.follow(ctx)
}

// startRun announces a run. Its lines are read anew, or repeated from memory.
func (f *follower) startRun(run time.Time) error {
	if err := f.flush(); err != nil {
		return err
	}
	f.at = position{Run: run}
	if err := f.send(sdk.RunStarted{StartedAt: run}); err != nil {
		return err
	}
	if f.plugin.config.canResume() {
		return nil
	}
	if !f.live {
		f.gapOwed = run.Before(f.began)
	}
	repeated, whole := f.recent.take()
	f.gapOwed = f.gapOwed || !whole
	for _, line := range repeated {
		if !line.Time.Before(f.at.since()) {
			if err := f.addLine(line); err != nil {
				return err
			}
		}
	}
	return f.flush()
}

// readBacklog reads what there is.
func (f *follower) readBacklog(ctx context.Context) error {
	config := &f.plugin.config
	if !config.canResume() {
		return f.sendGap(time.Time{}, "what was logged before cannot be read")
	}
	most := mostTailed
	if !f.live {
		most = f.tail
	}
	ctx, cancel := context.WithTimeout(ctx, config.LogTimeout)
	defer cancel()
	feed, err := f.plugin.open(ctx, "log_read", config.LogRead, f.target, f.at.since(), most)
	if err != nil {
		return err
	}
	defer feed.close()
	known := overlap{from: f.at}
	for {
		select {
		case line, more := <-feed.lines:
			if !more {
				return f.readToItsEnd(feed)
			}
			if err := f.deliverNew(&known, line); err != nil {
				return err
			}
		case <-ctx.Done():
			return errors.Join(f.flush(), &lateError{what: "log_read", after: config.LogTimeout, cause: ctx.Err()})
		}
	}
}

// readToItsEnd judges a log_read that has printed all.
func (f *follower) readToItsEnd(feed *feed) error {
	feed.wait()
	if err := f.flush(); err != nil {
		return err
	}
	if feed.process.code != 0 {
		return f.failed("log_read", feed)
	}
	return nil
}

func (f *follower) failed(what string, feed *feed) error {
	return fmt.Errorf("%s %s%s", what, feed.process.how(), f.plugin.config.quote(feed.stderr.String()))
}

// follow delivers what the log goes on with, until the command ends or another
// run has begun.
func (f *follower) follow(ctx context.Context) error {
	began := time.Now()
	feed, err := f.plugin.open(ctx, "log_follow", f.plugin.config.LogFollow, f.target, f.at.since(), mostTailed)
	if err != nil {
		return err
	}
	defer feed.close()
	canResume := f.plugin.config.canResume()
	defer func() { f.gapOwed = !canResume }()
	known := overlap{from: f.at, over: !canResume}
	runs, end := f.plugin.observers.subscribe(f.target.key())
	defer end()
	due, confirm := time.NewTicker(batchTime), time.NewTicker(confirmTime)
	defer due.Stop()
	defer confirm.Stop()
	for over := false; !over; {
		var err error
		select {
		case line, more := <-feed.lines:
			if !more {
				return f.judgeEnd(feed, began)
			}
			err = f.deliverNew(&known, line)
		case <-due.C:
			err = f.flush()
		case run := <-runs:
			if !run.Equal(f.at.Run) {
				over, err = f.runIsOver(ctx)
			}
		case <-confirm.C:
			over, err = f.runIsOver(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// judgeEnd judges a log_follow that has ended. One that had followed for a while
// ends with its target; one that failed at once follows nothing.
func (f *follower) judgeEnd(feed *feed, began time.Time) error {
	feed.wait()
	if err := f.flush(); err != nil {
		return err
	}
	if feed.process.code != 0 && time.Since(began) < longLife {
		return f.failed("log_follow", feed)
	}
	return nil
}

// runIsOver asks whether the run is still the same. Where it is not, over says
// that its log is to be read from its beginning. An inspect that fails leaves
// the question to the next one.
func (f *follower) runIsOver(ctx context.Context) (over bool, err error) {
	asked := time.Now()
	state, err := f.plugin.inspect(ctx, f.target)
	switch {
	case err != nil || !state.Exists || !state.Running:
		return false, nil
	case state.StartedAt.Equal(f.at.Run):
		f.recent.forget(asked)
		return false, nil
	case f.plugin.config.canResume():
		return true, nil
	}
	return false, f.startRun(state.StartedAt)
}

// deliverNew delivers a line unless it was delivered before.
func (f *follower) deliverNew(known *overlap, line sdk.Line) error {
	isNew, gap := known.admit(line)
	if gap {
		f.gapOwed = true
		if err := f.sendGap(line.Time, "the log no longer holds the last line that was read"); err != nil {
			return err
		}
	}
	if !isNew {
		return nil
	}
	return f.addLine(line)
}

func (f *follower) addLine(line sdk.Line) error {
	f.batch = append(f.batch, line)
	f.bytes += len(line.Text)
	f.at.passed(line)
	if !f.plugin.config.canResume() {
		f.recent.add(line)
	}
	if len(f.batch) >= batchLines || f.bytes >= batchBytes {
		return f.flush()
	}
	return nil
}

func (f *follower) flush() error {
	if len(f.batch) == 0 {
		return nil
	}
	lines := f.batch
	f.batch, f.bytes = nil, 0
	return f.send(sdk.Lines{Lines: lines, Cursor: f.at.cursor()})
}

// sendGap reports a gap where there is one.
func (f *follower) sendGap(until time.Time, reason string) error {
	if !f.gapOwed {
		return nil
	}
	if err := f.flush(); err != nil {
		return err
	}
	f.gapOwed = false
	return f.send(sdk.Gap{After: f.at.At, Until: until, Reason: reason})
}

// sendBacklogEnd marks the end of the backlog where the host waits for it.
func (f *follower) sendBacklogEnd() error {
	f.reason = ""
	if err := f.flush(); err != nil || !f.endOwed {
		return err
	}
	f.endOwed = false
	if err := f.send(sdk.BacklogEnd{}); err != nil || !f.once {
		return err
	}
	return errRead
}
