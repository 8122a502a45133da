package execaction

import (
	"errors"
	"strings"
	"sync"
	"unicode"
)

// Bounds on what is kept of a command's output.
const (
	mostAnswer = 256 << 10 // of inspect
	mostTail   = 4 << 10   // of what is only quoted
	mostQuoted = 300       // letters of a quote
	mostWords  = 5         // lines of a quote
)

// errTooMuch says that a command printed more than its answer may be.
var errTooMuch = errors.New("printed more than 256 KiB")

// answer keeps the output of a command up to its bound, and then refuses it.
type answer struct {
	text []byte
	over chan struct{} // closed when it is too much
}

func newAnswer() *answer { return &answer{over: make(chan struct{})} }

func (a *answer) Write(p []byte) (int, error) {
	if len(a.text)+len(p) > mostAnswer {
		select {
		case <-a.over:
		default:
			close(a.over)
		}
		return 0, errTooMuch
	}
	a.text = append(a.text, p...)
	return len(p), nil
}

// tail keeps the end of an output.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	written := len(p)
	p = p[max(0, len(p)-mostTail):]
	t.text = append(t.text, p...)
	if len(t.text) > 2*mostTail {
		t.text = append([]byte(nil), t.text[len(t.text)-mostTail:]...)
	}
	return written, nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// quote makes the last lines of an output fit for one line of a log: short, and
// without anything that a terminal would obey or that was configured as a
// secret. It begins with a separator, and is empty for no output.
func (c *Config) quote(text string) string {
	text = text[max(0, len(text)-mostTail):]
	for _, value := range c.Env {
		if len(value) >= 4 {
			text = strings.ReplaceAll(text, value, "***")
		}
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	quoted := []rune(strings.Join(lines[max(0, len(lines)-mostWords):], " | "))
	if len(quoted) > mostQuoted {
		quoted = append([]rune("…"), quoted[len(quoted)-mostQuoted:]...)
	}
	return ": " + string(quoted)
}
