package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// stage is where the account of the demo is given: a line for each thing that
// happens, with the seconds since the beginning. The story begins anew when all
// is built.
type stage struct {
	out   io.Writer
	began time.Time

	mu sync.Mutex
}

func newStage(out io.Writer) *stage { return &stage{out: out, began: time.Now()} }

// say tells what happens in the demo.
func (s *stage) say(format string, args ...any) {
	s.print("", fmt.Sprintf(format, args...))
}

// quote shows a line of the host's log.
func (s *stage) quote(text string) { s.print("   headwatch | ", text) }

func (s *stage) print(prefix, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := fmt.Sprintf("%5.1fs  ", time.Since(s.began).Seconds())
	text = strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", len(at)))
	fmt.Fprintln(s.out, at+prefix+text)
}
