package execaction

import (
	"context"
	"os"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// feed is a log command that runs, with the lines that it prints.
type feed struct {
	process *process
	lines   chan sdk.Line // closed at the end of the output
	stderr  *tail         // standard error, where that is not log
	quit    chan struct{}
}

// open starts a log command that begins where since says.
func (p *plugin) open(ctx context.Context, what string, list []string, t Target, since time.Time, most int) (*feed, error) {
	c, err := p.config.command(what, list, t, logValues(since, most))
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	f := &feed{lines: make(chan sdk.Line, 100), stderr: &tail{}, quit: make(chan struct{})}
	s := streams{stdout: w, stderr: f.stderr}
	if p.config.LogStderr {
		s.stderr = w
	}
	f.process, err = p.forks.start(ctx, c, s)
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	go f.read(r, p.config.LogFormat)
	return f, nil
}

// read hands lines on until the end of the output, which may be held open by
// something that has left the group.
func (f *feed) read(r *os.File, format string) {
	defer close(f.lines)
	defer r.Close()
	go func() {
		<-f.process.done
		_ = r.SetReadDeadline(time.Now().Add(drainTime)) // a pipe can be given one
	}()
	lines := newLineReader(format, r)
	for {
		line, err := lines.next()
		if err != nil {
			return
		}
		select {
		case f.lines <- line:
		case <-f.quit:
			return
		}
	}
}

// wait waits for the end of a command whose output has ended; one that goes on
// without an output is killed.
func (f *feed) wait() {
	timer := time.NewTimer(drainTime)
	defer timer.Stop()
	select {
	case <-f.process.done:
	case <-timer.C:
		f.process.end(0)
	}
}

// close ends the command, and waits for both.
func (f *feed) close() {
	close(f.quit)
	f.process.end(0)
	for range f.lines {
	}
}
