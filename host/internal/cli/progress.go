package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/headwatch/headwatch/host/internal/trace"
)

// When a replay begins to show its progress, and how often.
const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

// progress shows how far a replay is, in one line of a terminal. A nil one shows
// nothing.
type progress struct {
	out io.Writer
	// began is when the replay began, by the clock on the wall, and first the
	// time in its trace then.
	began, first, last time.Time
	shown              bool
}

// newProgress is nil where progress is not wanted, cannot be seen, or would
// stand between the verdicts.
func newProgress(s streams, o replayOptions) *progress {
	if o.noProgress || !isTerminal(s.err) || isTerminal(s.out) && o.against == "" {
		return nil
	}
	return &progress{out: s.err}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// show shows how far the replay is, at time now.
func (p *progress) show(now time.Time, at trace.Progress) {
	if p == nil || at.Time.IsZero() || at.Size == 0 {
		return
	}
	if p.began.IsZero() {
		p.began, p.first, p.last = now, at.Time, now.Add(progressAfter-progressEvery)
	}
	if now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.out, "\r%3d %%  %s  %s\x1b[K", at.Read*100/at.Size, at.Time.UTC().Format("2006-01-02 15:04"), p.speed(now, at))
}

// speed says how fast time goes by in the trace.
func (p *progress) speed(now time.Time, at trace.Progress) string {
	gone := at.Time.Sub(p.first).Hours()
	each := now.Sub(p.began).Seconds()
	if gone >= 24*each {
		return fmt.Sprintf("%.1f days a second", gone/24/each)
	}
	return fmt.Sprintf("%.1f hours a second", gone/each)
}

// clear takes the line away, for something else to be printed.
func (p *progress) clear() {
	if p != nil && p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}
