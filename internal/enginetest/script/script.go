// Package script is a program for test containers that does what its
// arguments say, one after the other. Tests use it where they need a container
// whose output they know to the byte.
package script

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest/program"
)

var _ program.Func = Run

// BadStep is the exit code of a script with a step that cannot be read.
const BadStep = 64

// Run is the program. Its steps:
//
//	out:TEXT     a line to stdout
//	err:TEXT     a line to stderr
//	raw:QUOTED   the bytes of a Go string without its quotes, to stdout
//	long:N       a line of N bytes to stdout
//	lines:N      N numbered lines to stdout: "run R line K"
//	pace:D       the pause after each numbered line from here on
//	sleep:D      a pause
//	first:STEP   that step, in the first run only
//	bye:TEXT     the line to print to stdout on SIGTERM
//	deaf:        SIGTERM is ignored from here on
//	exit:N       the end
//	wait:        until SIGTERM
//
// SIGTERM ends it with code 0 during any pause. The end of the steps does, too.
// In a real container it hears SIGTERM from its first line on: a test that stops
// it lets it print one, and waits for that.
// A step that it does not know ends it with [BadStep].
func Run(ctx context.Context, p *program.Process) int {
	s := &script{Process: p}
	for _, step := range p.Args {
		if code, over := s.step(ctx, step); over {
			return code
		}
	}
	return 0
}

type script struct {
	*program.Process
	pace time.Duration
	bye  string
	deaf bool
}

// step does one step and reports whether the program is over, with its code.
func (s *script) step(ctx context.Context, step string) (int, bool) {
	verb, text, _ := strings.Cut(step, ":")
	switch verb {
	case "out":
		fmt.Fprintln(s.Stdout, text)
	case "err":
		fmt.Fprintln(s.Stderr, text)
	case "bye":
		s.bye = text
	case "deaf":
		s.deaf = true
	case "wait":
		return s.pause(ctx, -1)
	case "first":
		if s.Run == 1 {
			return s.step(ctx, text)
		}
	case "raw":
		return s.raw(text)
	case "pace", "sleep":
		return s.timed(ctx, verb, text)
	default:
		return s.counted(ctx, verb, text)
	}
	return 0, false
}

func (s *script) raw(text string) (int, bool) {
	decoded, err := strconv.Unquote(`"` + text + `"`)
	if err != nil {
		return BadStep, true
	}
	_, _ = s.Stdout.Write([]byte(decoded)) // nobody is left to tell of a failure
	return 0, false
}

func (s *script) timed(ctx context.Context, verb, text string) (int, bool) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return BadStep, true
	}
	if verb == "pace" {
		s.pace = d
		return 0, false
	}
	return s.pause(ctx, d)
}

func (s *script) counted(ctx context.Context, verb, text string) (int, bool) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return BadStep, true
	}
	switch verb {
	case "exit":
		return n, true
	case "long":
		_, _ = s.Stdout.Write(append(bytes.Repeat([]byte("x"), n), '\n'))
		return 0, false
	case "lines":
		return s.lines(ctx, n)
	}
	return BadStep, true
}

func (s *script) lines(ctx context.Context, n int) (int, bool) {
	for k := 1; k <= n; k++ {
		fmt.Fprintf(s.Stdout, "run %d line %d\n", s.Run, k)
		if code, over := s.pause(ctx, s.pace); over {
			return code, over
		}
	}
	return 0, false
}

// pause waits for d, or for ever where d is negative, and reports whether the
// program was ended meanwhile.
func (s *script) pause(ctx context.Context, d time.Duration) (int, bool) {
	var over <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	for {
		select {
		case <-over:
			return 0, false
		case <-ctx.Done():
			return 137, true
		case <-s.Signals:
			if s.ends() {
				return 0, true
			}
		}
	}
}

func (s *script) ends() bool {
	if s.bye != "" {
		fmt.Fprintln(s.Stdout, s.bye)
	}
	return !s.deaf
}
