package record

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/redact"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// chain is a node at the head, for a day: three lines a second, one of them an
// import, one a status line with the finalized block, one of another kind; a new
// session every 15 minutes.
type chain struct {
	random *rand.Rand
	height uint64
}

func (c *chain) hash() string {
	return fmt.Sprintf("0x%04x…%04x", c.random.Uint32N(1<<16), c.random.Uint32N(1<<16))
}

// second is what the node prints in a second, and what a parser makes of it.
func (c *chain) second(now time.Time) (lines []sdk.Line, events []nodelog.Event) {
	c.height++
	say := func(ms int, target, text string, said ...nodelog.Event) {
		at := now.Add(time.Duration(ms)*time.Millisecond + time.Duration(c.random.IntN(1e6)))
		lines = append(lines, sdk.Line{Time: at, Text: fmt.Appendf(nil, "%s  INFO tokio-runtime-worker %s: %s", at.Format("2006-01-02 15:04:05.000"), target, text)})
		for _, event := range said {
			event.Time = at
			events = append(events, event)
		}
	}
	say(100+c.random.IntN(200), "substrate", fmt.Sprintf("✨ Imported #%d (%s)", c.height, c.hash()), nodelog.Event{Kind: nodelog.BlockImported, Number: c.height})
	say(400+c.random.IntN(200), "aleph-block-sync", fmt.Sprintf("Imported: #%d (%s), finalized: #%d (%s), favourite: #%d (%s).", c.height, c.hash(), c.height-2, c.hash(), c.height, c.hash()),
		nodelog.Event{Kind: nodelog.BlockImported, Number: c.height}, nodelog.Event{Kind: nodelog.BlockFinalized, Number: c.height - 2})
	say(700+c.random.IntN(200), "AlephBFT-creator", fmt.Sprintf("Created unit with round %d, %d parents, hash %s", c.height%900, 7+c.random.IntN(3), c.hash()))
	if c.height%900 == 0 {
		say(990, "aleph-party", fmt.Sprintf("Running session %d.", c.height/900), nodelog.Event{Kind: nodelog.SessionStarted, Number: c.height / 900})
	}
	return lines, events
}

// head is what a head source says once a minute.
func (c *chain) head(now time.Time) rule.Head {
	finalized := c.height - 2
	return rule.Head{Source: "onfinality", Best: c.height, Finalized: &finalized, Hash: fmt.Sprintf("0x%016x%016x%016x%016x", c.random.Uint64(), c.random.Uint64(), c.random.Uint64(), c.random.Uint64()),
		BlockTime: now.Truncate(time.Second), Endpoint: "https://aleph-zero.api.onfinality.io"}
}

// BenchmarkDay records a day of one node at the head, checked once a minute, and
// says how large it is. docs/record.md states the figures.
func BenchmarkDay(b *testing.B) {
	for _, mode := range []string{"events", "lines"} {
		b.Run(mode, func(b *testing.B) {
			for range b.N {
				plain, packed := recordDay(b, mode == "lines")
				b.ReportMetric(float64(plain)/1e6, "MB/day")
				b.ReportMetric(float64(packed)/1e6, "MB-compressed/day")
			}
		})
	}
}

func recordDay(b *testing.B, lines bool) (plain, packed int64) {
	r := New(Settings{Dir: b.TempDir(), MaxSize: 1e12, MaxAge: 1e6 * time.Hour, Lines: lines}, "0.1.0", redact.New("a-key-that-is-secret"), &counts{}, slog.New(slog.DiscardHandler))
	recording, e := r.Monitor(name, []string{"cooldown: 300s after an action, 60s after a failed one", "block_lag.severe: lag > 100"}), rule.New(settings())
	write := func() {
		for c, ok := r.queue.next(); ok; c, ok = r.queue.next() {
			plain += int64(len(c.data))
			r.write(c)
			r.queue.written(c)
		}
	}
	known := monitor.Knowledge{Engine: e, Parser: []byte(`{"lines":12}`)}
	see := func(at time.Time, o rule.Observation, said ...sdk.Line) {
		e.Observe(at, o)
		recording.Observed(monitor.Observation{At: at, Seen: o, Lines: said, Knowledge: known})
	}
	now := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	c := &chain{random: rand.New(rand.NewPCG(1, 2)), height: 105_000_000}
	target := rule.Target{Exists: true, Running: true, StartedAt: now.Add(-time.Hour), Name: "azero"}
	see(now, rule.LogError{Error: "log not read yet"})
	for range 24 * 60 {
		for range 60 {
			said, events := c.second(now)
			now = now.Add(time.Second)
			see(now, rule.Log{Lines: len(said), Last: said[len(said)-1].Time, Events: events}, said...)
		}
		see(now, target)
		see(now, c.head(now))
		recording.Checked(monitor.Check{Verdict: e.Check(now), Knowledge: known})
		write()
	}
	recording.Close()
	write()
	if err := r.packAll(b.Context()); err != nil {
		b.Fatal(err)
	}
	r.leave()
	files, err := listSegments(r.Dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		packed += f.size
	}
	return plain, packed
}
