package subject

import (
	"bytes"
	"strings"
	"sync"
)

// mostKept is what is kept of an output, in bytes.
const mostKept = 1 << 20

// Record is what came of a text; of one without end, the beginning.
type Record struct {
	mu   sync.Mutex
	text []byte
}

// Write takes a piece. It never fails.
func (r *Record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, p[:min(len(p), mostKept-len(r.text))]...)
	return len(p), nil
}

// Has says whether a text came.
func (r *Record) Has(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Contains(r.text, []byte(text))
}

// Lines are the lines that have come so far; the last may have no end yet.
func (r *Record) Lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := strings.Split(string(r.text), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		return lines[:last]
	}
	return lines
}

// lastWords are the last lines of a log, but of a panic the first: they say what
// it was.
func (r *Record) lastWords() string {
	const enough = 4
	lines := r.Lines()
	for n, line := range lines {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			lines = lines[n:min(n+enough, len(lines))]
			break
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "; its last words: " + strings.Join(lines[max(0, len(lines)-enough):], " | ")
}
