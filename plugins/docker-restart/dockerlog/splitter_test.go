package dockerlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// frame is a frame as an engine sends it.
func frame(kind byte, data string) string {
	header := [frameHeader]byte{kind}
	binary.BigEndian.PutUint32(header[4:], uint32(len(data)))
	return string(header[:]) + data
}

const stamp = "2026-11-22T13:13:51.753339926Z "

// split pushes chunks and gives the records as text, and the error.
func split(s splitter, chunks ...string) (records []string, err error) {
	emit := func(r record) error {
		records = append(records, fmt.Sprintf("%d %s", r.stream, r.data))
		return nil
	}
	for _, chunk := range chunks {
		if err := s.push([]byte(chunk), emit); err != nil {
			return records, err
		}
	}
	return records, s.finish(emit)
}

func TestFrames(t *testing.T) {
	long := strings.Repeat("x", pieceSize)
	for name, test := range map[string]struct {
		stream string
		want   []string
		err    error
	}{
		"nothing":           {},
		"both streams":      {frame(1, "a") + frame(2, "b"), []string{"1 a", "2 b"}, nil},
		"stdin is taken":    {frame(0, "a"), []string{"1 a"}, nil},
		"empty frame":       {frame(1, "") + frame(1, "b"), []string{"1 ", "1 b"}, nil},
		"long frame":        {frame(2, long), []string{"2 " + long}, nil},
		"engine's error":    {frame(1, "a") + frame(3, "bad file") + frame(1, "b"), []string{"1 a"}, &streamError{}},
		"end in a header":   {frame(1, "a") + "\x01\x00", []string{"1 a"}, io.ErrUnexpectedEOF},
		"end in a frame":    {frame(1, "a") + frame(1, "bcd")[:9], []string{"1 a"}, io.ErrUnexpectedEOF},
		"unknown type":      {frame(9, "a"), nil, errGarbage},
		"4 GiB":             {"\x01\x00\x00\x00\xff\xff\xff\xff" + "x", nil, errGarbage},
		"just too long":     {"\x01\x00\x00\x00\x00\x20\x00\x01", nil, errGarbage},
		"text for a header": {"<html><body>", nil, errGarbage},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 3, 7, 8, 9, 100, len(test.stream) + 1} {
				got, err := split(&frames{}, chunks(test.stream, size)...)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("chunks of %d: records (-want +got):\n%s", size, diff)
				}
				var said *streamError
				if errors.As(test.err, &said) != errors.As(err, &said) || said == nil && !errors.Is(err, test.err) {
					t.Errorf("chunks of %d: error is %v, want %v", size, err, test.err)
				}
			}
		})
	}
}

// chunks cuts s into pieces of a size.
func chunks(s string, size int) []string {
	var all []string
	for piece := range slices.Chunk([]byte(s), size) {
		all = append(all, string(piece))
	}
	return all
}

func TestFramesHoldNoMoreThanOneFrame(t *testing.T) {
	s := &frames{}
	garbage := frame(1, strings.Repeat("x", maxFrame))
	if _, err := split(s, chunks(garbage, 100_000)...); err != nil {
		t.Fatal(err)
	}
	if cap(s.held) > 4*pieceSize {
		t.Errorf("%d bytes are kept after a long frame", cap(s.held))
	}
}

func TestTerminal(t *testing.T) {
	piece := strings.Repeat("y", pieceSize)
	for name, test := range map[string]struct {
		stream string
		want   []string
		err    error
	}{
		"nothing":        {},
		"lines":          {stamp + "a\r\n" + stamp + "b\r\n", []string{"0 " + stamp + "a\r\n", "0 " + stamp + "b\r\n"}, nil},
		"no line end":    {stamp + "a", []string{"0 " + stamp + "a"}, nil},
		"pieces":         {stamp + piece + stamp + "z\r\n", []string{"0 " + stamp + piece, "0 " + stamp + "z\r\n"}, nil},
		"no stamp":       {strings.Repeat("z", 50), nil, errGarbage},
		"engine's error": {stamp + "a\r\n" + terminalError + "bad file\n", []string{"0 " + stamp + "a\r\n"}, &streamError{}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 3, 31, 100, len(test.stream) + 1} {
				got, err := split(&terminal{}, chunks(test.stream, size)...)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("chunks of %d: records (-want +got):\n%s", size, diff)
				}
				var said *streamError
				if errors.As(test.err, &said) != errors.As(err, &said) || said == nil && !errors.Is(err, test.err) {
					t.Errorf("chunks of %d: error is %v, want %v", size, err, test.err)
				}
			}
		})
	}
}

func TestSplitterPassesErrorsOn(t *testing.T) {
	full := errors.New("full")
	emit := func(record) error { return full }
	for name, test := range map[string]struct {
		s      splitter
		stream string
	}{
		"frames":   {&frames{}, frame(1, "a")},
		"terminal": {&terminal{}, stamp + "a\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.s.push([]byte(test.stream), emit); !errors.Is(err, full) {
				t.Errorf("error is %v, want %v", err, full)
			}
		})
	}
}

// FuzzSplitter pushes the same bytes whole and in pieces: the records must be
// the same, and what is held must stay bounded.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte(frame(1, stamp+"a\n")+frame(2, stamp+"b\n")), uint8(3), false)
	f.Add([]byte(frame(3, "bad")), uint8(1), false)
	f.Add([]byte(frame(9, "bad")), uint8(1), false)
	f.Add([]byte(stamp+"a\r\n"+stamp+"b"), uint8(5), true)
	f.Fuzz(func(t *testing.T, stream []byte, size uint8, tty bool) {
		want, wantErr := split(newSplitter(tty), string(stream))
		got, err := split(newSplitter(tty), chunks(string(stream), int(size)+1)...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("records in chunks of %d (-whole +pieces):\n%s", int(size)+1, diff)
		}
		if (err == nil) != (wantErr == nil) {
			t.Errorf("error in chunks is %v, want %v", err, wantErr)
		}
	})
}

// nodeLog is a log of a node, framed, with lines of 134 bytes.
func nodeLog(lines int) []byte {
	var b bytes.Buffer
	for i := range lines {
		text := fmt.Sprintf("2026-11-22 13:13:51 ✨ Imported #%09d (0x12ab…34cd)", i)
		at := fmt.Sprintf("2026-11-22T13:13:%02d.%09dZ ", i/1000%60, i*1000+1)
		b.WriteString(frame(2, at+text+strings.Repeat(".", 133-len(text))+"\n"))
	}
	return b.Bytes()
}

// BenchmarkFrames reads frames only.
func BenchmarkFrames(b *testing.B) {
	stream := nodeLog(20_000)
	lines := 0
	emit := func(record) error { lines++; return nil }
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		s := &frames{}
		for rest := stream; len(rest) > 0; {
			n := min(len(rest), mostBuffer)
			if err := s.push(rest[:n], emit); err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds()/1e6, "Mlines/s")
}

// discard is a host that takes everything.
type discard struct{}

func (discard) Send(sdk.LogItem) error { return nil }

// BenchmarkReading reads frames, stamps and lines, and remembers and batches
// them.
func BenchmarkReading(b *testing.B) {
	stream := nodeLog(20_000)
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	lines := 0
	for b.Loop() {
		f, err := NewFollower(nil, nil, sdk.ReadFrom{}, discard{})
		if err != nil {
			b.Fatal(err)
		}
		r := f.newReading(docker.Container{StartedAt: engineTime("2026-11-22T13:13:00Z")}, docker.LogQuery{Tail: docker.TailAll})
		for rest := stream; len(rest) > 0; {
			n := min(len(rest), mostBuffer)
			if err := r.split.push(rest[:n], r.record); err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
		lines += r.records
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds()/1e6, "Mlines/s")
}
