package dockerlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// record is what the engine's log holds: one line, or one piece of a line of
// more than 16 KiB, with its stamp before it. data is valid only during the
// call that it is given to.
type record struct {
	stream sdk.Stream
	data   []byte
}

// splitter cuts the bytes of a log stream into records.
type splitter interface {
	// push takes the next bytes and gives each record they complete to emit.
	// Its error, emit's own among them, ends the stream.
	push(chunk []byte, emit func(record) error) error
	// finish says whether the stream may end here. A terminal's last line
	// without a line end goes to emit.
	finish(emit func(record) error) error
}

func newSplitter(tty bool) splitter {
	if tty {
		return &terminal{}
	}
	return &frames{}
}

const (
	// frameHeader is a type, three zeros and a length.
	frameHeader = 8
	// maxFrame is far above what an engine sends (16 KiB, 1 MB from some log
	// drivers). A longer frame is garbage read as a length.
	maxFrame = 2 << 20
	// pieceSize is where the engine cuts a long line.
	pieceSize = 16 << 10
	// maxStamp bounds a stamp: RFC 3339 with nanoseconds and a zone.
	maxStamp = 36
)

// Types of frames.
const (
	frameStdin = iota
	frameStdout
	frameStderr
	frameError
)

// errGarbage says that a stream holds what no engine sends, as after a lost
// byte. The connection is of no more use.
var errGarbage = errors.New("garbage in the log stream")

// streamError is what the engine says inside a stream about a log that it
// cannot read on, such as one with a damaged file.
type streamError struct{ text string }

func (e *streamError) Error() string { return "the engine says: " + docker.Brief(e.text) }

// frames cuts the stream of a container without a terminal. It reads whole
// frames where they lie and copies only one that spans two chunks.
type frames struct {
	held []byte // the beginning of a frame
}

func (f *frames) push(chunk []byte, emit func(record) error) error {
	for len(f.held) > 0 && len(chunk) > 0 {
		used, err := f.fill(chunk, emit)
		if err != nil {
			return err
		}
		chunk = chunk[used:]
	}
	for len(chunk) >= frameHeader {
		size, err := frameSize(chunk)
		if err != nil {
			return err
		}
		if len(chunk) < size {
			break
		}
		if err := deliver(chunk[:size], emit); err != nil {
			return err
		}
		chunk = chunk[size:]
	}
	f.held = append(f.held, chunk...)
	return nil
}

// fill completes the frame whose beginning is held and returns how much of
// chunk it took.
func (f *frames) fill(chunk []byte, emit func(record) error) (int, error) {
	used := 0
	if lack := frameHeader - len(f.held); lack > 0 {
		used = min(lack, len(chunk))
		f.held = append(f.held, chunk[:used]...)
	}
	if len(f.held) < frameHeader {
		return used, nil
	}
	size, err := frameSize(f.held)
	if err != nil {
		return used, err
	}
	more := min(size-len(f.held), len(chunk)-used)
	f.held = append(f.held, chunk[used:used+more]...)
	used += more
	if len(f.held) < size {
		return used, nil
	}
	frame := f.held
	f.held = f.held[:0]
	if cap(frame) > 4*pieceSize {
		f.held = nil
	}
	return used, deliver(frame, emit)
}

// frameSize is the length of the frame that begins with b, header and all.
func frameSize(b []byte) (int, error) {
	length := binary.BigEndian.Uint32(b[4:])
	if b[0] > frameError || b[1]|b[2]|b[3] != 0 || length > maxFrame {
		return 0, fmt.Errorf("%w: frame header %x", errGarbage, b[:frameHeader])
	}
	return frameHeader + int(length), nil
}

func deliver(frame []byte, emit func(record) error) error {
	data := frame[frameHeader:]
	switch frame[0] {
	case frameStderr:
		return emit(record{sdk.Stderr, data})
	case frameError:
		return &streamError{text: string(data)}
	}
	return emit(record{sdk.Stdout, data})
}

func (f *frames) finish(func(record) error) error {
	if len(f.held) > 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// terminal cuts the stream of a container with a terminal: lines as they come,
// each with its stamp, and the stamp again before every further piece.
type terminal struct {
	held []byte // the beginning of a line
}

func (t *terminal) push(chunk []byte, emit func(record) error) error {
	if len(t.held) > 0 {
		t.held = append(t.held, chunk...)
		rest, err := cutLines(t.held, emit)
		t.held = t.held[:copy(t.held, rest)]
		return err
	}
	rest, err := cutLines(chunk, emit)
	t.held = append(t.held, rest...)
	return err
}

// cutLines emits the lines and full pieces of b and returns what is left.
func cutLines(b []byte, emit func(record) error) ([]byte, error) {
	for len(b) > 0 {
		size, err := lineSize(b)
		if err != nil || size == 0 {
			return b, err
		}
		if text, ok := bytes.CutPrefix(b[:size], []byte(terminalError)); ok {
			return b, &streamError{text: string(text)}
		}
		if err := emit(record{sdk.StreamUnknown, b[:size]}); err != nil {
			return b, err
		}
		b = b[size:]
	}
	return nil, nil
}

// terminalError is how an engine speaks inside a stream without frames. A line
// of the log has its stamp there.
const terminalError = "Error grabbing logs: "

// lineSize is the length of the line or full piece that b begins with, zero
// where it is not complete.
func lineSize(b []byte) (int, error) {
	space := bytes.IndexByte(b[:min(len(b), maxStamp)], ' ')
	if space < 0 {
		if len(b) >= maxStamp {
			return 0, fmt.Errorf("%w: no stamp before %q", errGarbage, b[:maxStamp])
		}
		return 0, nil
	}
	full := space + 1 + pieceSize
	if end := bytes.IndexByte(b[:min(len(b), full)], '\n'); end >= 0 {
		return end + 1, nil
	}
	if len(b) < full {
		return 0, nil
	}
	return full, nil
}

func (t *terminal) finish(emit func(record) error) error {
	if len(t.held) == 0 {
		return nil
	}
	last := t.held
	t.held = nil
	return emit(record{sdk.StreamUnknown, last})
}
