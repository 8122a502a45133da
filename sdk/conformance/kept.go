package conformance

import (
	"bytes"
	"strings"
	"sync"
)

// maxKept is what is kept of an output, in bytes.
const maxKept = 1 << 20

// kept is what came of a text; of one without end, the beginning.
type kept struct {
	mu   sync.Mutex
	text []byte
}

// Write takes a piece. It never fails.
func (k *kept) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text = append(k.text, p[:min(len(p), maxKept-len(k.text))]...)
	return len(p), nil
}

// has says whether a text came.
func (k *kept) has(text string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return bytes.Contains(k.text, []byte(text))
}

// lines are the lines that have come so far; the last may have no end yet.
func (k *kept) lines() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	lines := strings.Split(string(k.text), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		return lines[:last]
	}
	return lines
}

// lastWords are the last lines of a log, but of a panic the first: they say what
// it was.
func (k *kept) lastWords() string {
	const enough = 4
	lines := k.lines()
	for n, line := range lines {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			lines = lines[n:min(n+enough, len(lines))]
			break
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "; its last words: " + shortened(strings.Join(lines[max(0, len(lines)-enough):], " | "))
}
