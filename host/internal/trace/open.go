package trace

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrDamaged is the error of a compressed trace that cannot be read any further:
// it is cut off, or its bytes are not what was written. What comes before can be
// used.
var ErrDamaged = errors.New("compressed data ends too early or is damaged")

// Open opens a trace for reading. Whether it is compressed is told by its first
// bytes, never by its name. Reading a compressed one that was cut off gives all
// that can be read and then [ErrDamaged]; a [Reader] makes a warning of it.
func Open(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return unpack(file)
}

// gzipMagic is how compressed data begins.
var gzipMagic = []byte{0x1f, 0x8b}

// unpack reads in as it is, or unpacked where it is compressed.
func unpack(in io.ReadCloser) (io.ReadCloser, error) {
	counted := &counter{in: in}
	buffered := bufio.NewReaderSize(counted, 64<<10)
	first, err := buffered.Peek(len(gzipMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, in.Close())
	}
	if !bytes.Equal(first, gzipMagic) {
		return &opened{Reader: buffered, counter: counted}, nil
	}
	return &opened{Reader: &unpacker{packed: buffered}, counter: counted}, nil
}

// opened is a trace that is open.
type opened struct {
	io.Reader
	*counter
}

// Read reads what is unpacked, not what is counted.
func (o *opened) Read(p []byte) (int, error) { return o.Reader.Read(p) }

// counter counts the bytes that are read of what is stored.
type counter struct {
	in   io.ReadCloser
	read int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.read += int64(n)
	return n, err
}

func (c *counter) Close() error { return c.in.Close() }

// stored is how many bytes were read so far of what is stored.
func (c *counter) stored() int64 { return c.read }

// unpacker unpacks, and tells data that is damaged from a file that cannot be
// read. Its first error is its last word.
type unpacker struct {
	packed   *bufio.Reader
	unpacked *gzip.Reader
	err      error
}

func (u *unpacker) Read(p []byte) (n int, err error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.unpacked == nil {
		if u.unpacked, u.err = gzip.NewReader(u.packed); errors.Is(u.err, io.EOF) {
			u.err = io.ErrUnexpectedEOF // a header was begun
		}
	}
	if u.err == nil {
		n, u.err = u.unpacked.Read(p)
	}
	u.err = damage(u.err)
	return n, u.err
}

// damage makes ErrDamaged of what the decompression says about the data.
func damage(err error) error {
	corrupt, internal := flate.CorruptInputError(0), flate.InternalError("")
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.As(err, &corrupt) || errors.As(err, &internal) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
