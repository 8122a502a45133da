package parselog

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// lengthParser says how long each line is, and counts its calls in its state.
type lengthParser struct {
	t       *testing.T
	batches []int
}

func (p *lengthParser) Parse(_ context.Context, state []byte, lines []trace.Line) ([]byte, [][]nodelog.Event, error) {
	if len(state) != len(p.batches) {
		p.t.Errorf("call %d has the state %q", len(p.batches), state)
	}
	size, said := 0, make([][]nodelog.Event, len(lines))
	for i, line := range lines {
		said[i] = []nodelog.Event{{Kind: nodelog.SessionStarted, Number: uint64(len(line.Text))}}
		size += len(line.Text)
	}
	if size > maxBatchBytes+maxLogLine || len(lines) > maxBatch {
		p.t.Errorf("a batch of %d lines and %d bytes", len(lines), size)
	}
	p.batches = append(p.batches, len(lines))
	return append(state, 'x'), said, nil
}

// parsed is what a log comes to, as pairs of line and length.
func parsed(t *testing.T, in io.Reader) (pairs []string, p *lengthParser) {
	t.Helper()
	p = &lengthParser{t: t}
	work := parsing{parser: p, lines: newLogLines(in), print: func(_ io.Writer, number int, _ []byte, e nodelog.Event) error {
		pairs = append(pairs, fmt.Sprintf("%d:%d", number, e.Number))
		return nil
	}}
	if err := work.run(t.Context(), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	return pairs, p
}

func TestParseLines(t *testing.T) {
	long := strings.Repeat("a", 3<<20)
	for _, c := range []struct {
		log  string
		want []string
	}{
		{"", nil},
		{"one\n\nthree", []string{"1:3", "2:0", "3:5"}},
		{long + "\nb\n" + long, []string{fmt.Sprint("1:", maxLogLine), "2:1", fmt.Sprint("3:", maxLogLine)}},
		{long[:maxLogLine] + "\n" + long[:maxLogLine-1] + "\n", []string{fmt.Sprint("1:", maxLogLine), fmt.Sprint("2:", maxLogLine-1)}},
	} {
		if got, _ := parsed(t, strings.NewReader(c.log)); !cmp.Equal(got, c.want) {
			t.Errorf("a log of %d bytes comes to %v, want %v", len(c.log), got, c.want)
		}
	}
	got, p := parsed(t, strings.NewReader(strings.Repeat("line\n", 5000)))
	if len(got) != 5000 || len(p.batches) > 50 {
		t.Errorf("%d lines in %d batches", len(got), len(p.batches))
	}
}

// TestParseSlowly writes a log line by line, each once the one before was shown.
func TestParseSlowly(t *testing.T) {
	in, log := io.Pipe()
	show, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		buffered := bufio.NewWriter(out)
		p := parsing{parser: &lengthParser{t: t}, lines: newLogLines(in), out: buffered, print: printSaid}
		done <- errors.Join(p.run(t.Context(), buffered.Flush), out.Close())
	}()
	shown := bufio.NewScanner(show)
	for i := range 3 {
		fmt.Fprintln(log, strings.Repeat("x", i))
		if !shown.Scan() || !strings.HasSuffix(shown.Text(), fmt.Sprint("  ", i)) {
			t.Fatalf("line %d shows %q", i, shown.Text())
		}
	}
	log.Close()
	if shown.Scan() {
		t.Errorf("and %q", shown.Text())
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestParseReadError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("one\ntwo"), brokenReader{})
	var out bytes.Buffer
	p := parsing{parser: &lengthParser{t: t}, lines: newLogLines(broken), out: &out, print: printSaid}
	if err := p.run(t.Context(), func() error { return nil }); err == nil || err.Error() != "read the log: broken" {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(out.String(), "     1  -") {
		t.Errorf("the line before shows %q", out.String())
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

// TestParseStats shows no more forms than fit, and counts the rest.
func TestParseStats(t *testing.T) {
	var p parseStats
	p.add(1, []byte("fine"), []nodelog.Event{{Kind: nodelog.BlockBest}, {Kind: nodelog.FactGiven, Name: "peers"}})
	p.add(2, []byte("fine, #x"), nil)
	for i := range 100 {
		p.add(3+i, fmt.Appendf(nil, "ERROR %s #%d", strings.Repeat("é", i%25), i), nil)
	}
	var b bytes.Buffer
	if err := p.write(&b, false); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"102 lines, of which 1 said something and 101 nothing\n", "       1  block_best\n", "       1  fact peers\n",
		"100 lines said nothing but look as if they should\n", "       4  like line 3: ERROR  #0\n", "      20  in other forms\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
