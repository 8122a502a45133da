package launch

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// leastKept is what is kept of standard output at least, in bytes: the handshake
// with its certificate, or the beginning of what stands there instead.
const leastKept = 4 << 10

// output is what a process writes to one of its outputs. It is read to its end
// whatever it is, so that no process has to wait.
type output struct {
	to   io.Writer // takes all of it; nil for nobody
	most int       // is how much of the beginning is kept, in bytes
	// begun is closed when the first line is there, ended when all is read.
	begun, ended chan struct{}
	file         *os.File

	mu   sync.Mutex
	kept []byte
}

func newOutput(most int, to io.Writer) *output {
	return &output{to: to, most: most, begun: make(chan struct{}), ended: make(chan struct{})}
}

// readFrom begins to read.
func (o *output) readFrom(file *os.File) {
	o.file = file
	go o.read()
}

// read reads to the end.
func (o *output) read() {
	defer close(o.ended)
	defer o.file.Close()
	begun := false
	for buffer := make([]byte, 32<<10); ; {
		n, err := o.file.Read(buffer)
		if complete := o.keep(buffer[:n]); !begun && (complete || err != nil) {
			begun = true
			close(o.begun)
		}
		if o.to != nil && n > 0 {
			_, _ = o.to.Write(buffer[:n]) // what cannot be taken is lost
		}
		if err != nil {
			return
		}
	}
}

// keep says whether the first line is complete, or as much of it as is kept.
func (o *output) keep(more []byte) (complete bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, more[:min(len(more), o.most-len(o.kept))]...)
	return len(o.kept) == o.most || bytes.IndexByte(o.kept, '\n') >= 0
}

// stopReadingAfter ends the reading after a moment, also where something that the
// process has started holds the output open.
func (o *output) stopReadingAfter(moment time.Duration) {
	// A pipe that cannot be given a deadline is read to its end.
	_ = o.file.SetReadDeadline(time.Now().Add(moment))
}

// text is what is kept of what has come so far.
func (o *output) text() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.kept)
}

// firstLine is the first line as far as it has come.
func (o *output) firstLine() string {
	line, _, _ := bytes.Cut(o.text(), []byte("\n"))
	return strings.TrimSpace(string(line))
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
		f.said = true
		if text := f.of.text(); len(text) > 0 {
			line, _, _ := bytes.Cut(text, []byte("\n"))
			f.left = append(line, '\n')
		}
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
