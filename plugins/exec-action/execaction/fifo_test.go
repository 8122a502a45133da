package execaction

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for a process, on a machine that is busy.
const patience = time.Minute

// fifo is a pipe with a name, by which a script and a test wait for each other.
// The test holds both ends open, so that opening it never waits.
type fifo struct {
	t    *testing.T
	path string
	file *os.File
}

func (s *stand) fifo(name string) *fifo {
	s.t.Helper()
	f := &fifo{t: s.t, path: filepath.Join(s.dir, name)}
	if err := syscall.Mkfifo(f.path, 0o600); err != nil {
		s.t.Fatal(err)
	}
	f.open(os.O_RDWR)
	s.t.Cleanup(func() { f.file.Close() })
	return f
}

func (f *fifo) open(flag int) {
	f.t.Helper()
	file, err := os.OpenFile(f.path, flag|syscall.O_NONBLOCK, 0)
	if err == nil {
		err = file.SetReadDeadline(time.Now().Add(patience))
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.file = file
}

// readLine waits for a line.
func (f *fifo) readLine() string {
	f.t.Helper()
	var line []byte
	for one := make([]byte, 1); len(line) == 0 || line[len(line)-1] != '\n'; line = append(line, one[0]) {
		if _, err := f.file.Read(one); err != nil {
			f.t.Fatal(err)
		}
	}
	return string(line)
}

// readEnd waits until nobody else holds the pipe for writing.
func (f *fifo) readEnd() {
	f.t.Helper()
	held := f.file
	f.open(os.O_RDONLY)
	held.Close()
	if n, err := f.file.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		f.t.Errorf("got %d bytes, error %v; want the end", n, err)
	}
}

func (f *fifo) write(text string) {
	f.t.Helper()
	if _, err := io.WriteString(f.file, text); err != nil {
		f.t.Fatal(err)
	}
}
