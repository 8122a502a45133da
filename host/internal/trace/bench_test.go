package trace

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// dayOfNode is a day of a node as a host records it: a line a second, and each
// minute the target, the head and a check.
func dayOfNode(tb testing.TB) (text []byte, lines int) {
	tb.Helper()
	const seconds = 24 * 60 * 60
	var b bytes.Buffer
	w := NewWriter(&b)
	write := func(r Record) {
		lines++
		if err := w.Write(r); err != nil {
			tb.Fatal(err)
		}
	}
	t0 := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	started := t0.Add(-time.Hour)
	for i := range seconds {
		now := t0.Add(time.Duration(i)*time.Second + 5*time.Millisecond)
		stamp := now.Format("2006-01-02 15:04:05.000")
		line := fmt.Sprintf("%s  INFO tokio-runtime-worker substrate: ✨ Imported #%d (0x3333…cccc)", stamp, 105000000+i)
		write(Record{T: now, Monitor: "aleph", Log: NewLog([]byte(line))})
		if i%60 == 0 {
			best := uint64(105000003 + i)
			write(Record{T: now, Monitor: "aleph", Target: &rule.Target{Exists: true, Running: true, StartedAt: started}})
			write(Record{T: now, Monitor: "aleph", Head: &rule.Head{Source: "onfinality", Best: best, BlockTime: now}})
			write(Record{T: now, Monitor: "aleph", Check: &Check{}})
		}
	}
	return b.Bytes(), lines
}

// trivialParser finds the number behind the first '#'.
type trivialParser struct{}

func (trivialParser) Parse(_ context.Context, _ []byte, lines []Line) ([]byte, [][]nodelog.Event, error) {
	said := make([][]nodelog.Event, len(lines))
	events := make([]nodelog.Event, len(lines))
	for i, line := range lines {
		_, number, _ := bytes.Cut(line.Text, []byte("#"))
		number, _, _ = bytes.Cut(number, []byte(" "))
		n, err := strconv.ParseUint(string(number), 10, 64)
		if err != nil {
			continue
		}
		events[i] = nodelog.Event{Time: line.Time, Kind: nodelog.BlockImported, Number: n}
		said[i] = events[i : i+1]
	}
	return nil, said, nil
}

func BenchmarkReplay(b *testing.B) {
	text, lines := dayOfNode(b)
	monitors := setup{Monitors: []string{"aleph"}, Sources: []string{"onfinality"}, Interval: 60, SevereLag: 100, AfterAction: 300}.monitors()
	monitors[0].Parser = trivialParser{}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		checks := 0
		r := Replay{Monitors: monitors, Warn: func(w Warning) { b.Fatal(w) }, Verdict: func(c Checked) error {
			v := c.Verdict
			checks++
			if v.Kind == rule.Unknown {
				return fmt.Errorf("verdict at %s: %s", v.Time, v.Reason)
			}
			return nil
		}}
		if err := r.Run(b.Context(), TextSource("", text)); err != nil {
			b.Fatal(err)
		}
		if checks != 24*60 {
			b.Fatalf("%d checks", checks)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(lines), "ns/line")
}

func BenchmarkReader(b *testing.B) {
	text, lines := dayOfNode(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(bytes.NewReader(text), func(w Warning) { b.Fatal(w) })
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(lines), "ns/line")
}
