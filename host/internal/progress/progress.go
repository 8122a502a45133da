// Package progress shows on a terminal how far a replay is.
package progress

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

// Line shows how far a replay is, in one line of a terminal. A nil one shows
// nothing.
type Line struct {
	out io.Writer
	// began is when the replay began, by the clock on the wall, and first the
	// time in its trace then.
	began, first, last time.Time
	shown              bool
}

// New is a line of out; nil where that is no terminal.
func New(out io.Writer) *Line {
	if !IsTerminal(out) {
		return nil
	}
	return &Line{out: out}
}

// IsTerminal says whether a person may be looking at w.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Show shows how far the replay is, at time now.
func (p *Line) Show(now time.Time, at trace.Progress) {
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
func (p *Line) speed(now time.Time, at trace.Progress) string {
	gone := at.Time.Sub(p.first).Hours()
	each := now.Sub(p.began).Seconds()
	if gone >= 24*each {
		return fmt.Sprintf("%.1f days a second", gone/24/each)
	}
	return fmt.Sprintf("%.1f hours a second", gone/each)
}

// Clear takes the line away, for something else to be printed.
func (p *Line) Clear() {
	if p != nil && p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}
