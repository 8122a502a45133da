package conformance

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// maxOutput is what is kept of an output, in bytes.
const maxOutput = 1 << 20

// output is what a process writes to one of its outputs. It is read to its end
// whatever it is, so that no process has to wait.
type output struct {
	file *os.File
	// begun is closed when the first line is there, ended when all is read.
	begun, ended chan struct{}

	mu   sync.Mutex
	kept []byte
}

func newOutput(file *os.File) *output {
	o := &output{file: file, begun: make(chan struct{}), ended: make(chan struct{})}
	go o.read()
	return o
}

func (o *output) read() {
	defer close(o.ended)
	defer o.file.Close()
	buffer, begun := make([]byte, 32<<10), false
	for {
		n, err := o.file.Read(buffer)
		o.mu.Lock()
		o.kept = append(o.kept, buffer[:min(n, maxOutput-len(o.kept))]...)
		complete := bytes.IndexByte(o.kept, '\n') >= 0
		o.mu.Unlock()
		if !begun && (complete || err != nil) {
			begun = true
			close(o.begun)
		}
		if err != nil {
			return
		}
	}
}

// finish gives what is written a moment to come, after the process has ended:
// what it started may hold the output open for ever.
func (o *output) finish() {
	// A pipe that cannot be given a deadline is read to its end.
	_ = o.file.SetReadDeadline(time.Now().Add(noticed))
}

// text is what has come so far.
func (o *output) text() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.kept)
}

// lines are the lines that have come so far, and rest what has no end yet.
func (o *output) lines() (lines []string, rest string) {
	parts := strings.Split(string(o.text()), "\n")
	last := len(parts) - 1
	return parts[:last], parts[last]
}

// firstLine is the reader that go-plugin looks for the handshake in: the first
// line, and then nothing until the process has ended.
type firstLine struct {
	of   *output
	left []byte
	said bool
}

var _ io.ReadCloser = (*firstLine)(nil)

// Read gives the first line.
func (f *firstLine) Read(p []byte) (int, error) {
	if !f.said {
		<-f.of.begun
		line, _, _ := bytes.Cut(f.of.text(), []byte("\n"))
		f.left, f.said = append(line, '\n'), true
	}
	if len(f.left) > 0 {
		n := copy(p, f.left)
		f.left = f.left[n:]
		return n, nil
	}
	<-f.of.ended
	return 0, io.EOF
}

// Close has nothing to do: the output is read by itself.
func (*firstLine) Close() error { return nil }
