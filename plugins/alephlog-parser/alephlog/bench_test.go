package alephlog

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/headwatch/headwatch/sdk"
)

// mixedLog is the log of a node in the committee at the head of its chain: a
// line for each block and, every 20 seconds, the reports of its parts. It is
// the same at each call.
func mixedLog(seconds int) []byte {
	g := generator{random: rand.New(rand.NewPCG(1, 2)), height: 105_000_000}
	for g.second = range seconds {
		g.oneSecond()
	}
	return g.out.Bytes()
}

type generator struct {
	out    bytes.Buffer
	random *rand.Rand
	second int
	height uint64
}

func (g *generator) print(level, target, format string, args ...any) {
	s := g.second
	fmt.Fprintf(&g.out, "2025-03-%02d %02d:%02d:%02d.%03d %5s tokio-runtime-worker %s: ",
		1+s/86400%28, s/3600%24, s/60%60, s%60, g.random.IntN(1000), level, target)
	fmt.Fprintf(&g.out, format+"\n", args...)
}

func (g *generator) hash() string {
	return fmt.Sprintf("0x%04x…%04x", g.random.IntN(1<<16), g.random.IntN(1<<16))
}

func (g *generator) oneSecond() {
	g.height++
	switch {
	case g.second%900 == 0:
		g.print("INFO", "aleph-party", "Running session %d.", g.height/900)
	case g.second%20 == 0:
		g.reports()
	case g.second%30 == 7:
		g.ownBlock()
	}
	if g.second%10 == 3 {
		g.committee()
	}
	g.print("INFO", "substrate", "✨ Imported #%d (%s)", g.height, g.hash())
}

func (g *generator) reports() {
	best := g.hash()
	g.print("INFO", "aleph-block-sync", "Imported: #%d (%s), finalized: #%d (%s), favourite: #%d (%s).",
		g.height, best, g.height-2, g.hash(), g.height, best)
	for _, protocol := range []string{"auth", "sync"} {
		g.print("INFO", "aleph-network", "Network status report: /%064x/%s/0 connected peers - %d; ",
			7, protocol, 10+g.random.IntN(9))
	}
	g.print("INFO", "network-clique", "Clique Network status: expecting 5 incoming connections; have - 5 [%s]; "+
		"attempting 4 outgoing connections; have - 4 [%s]; ", g.hash(), g.hash())
	g.print("INFO", "aleph-aggregator", "Hash Signature Aggregator status report: started hashes - %s", g.hash())
}

func (g *generator) ownBlock() {
	g.print("INFO", "sc_basic_authorship::basic_authorship",
		"🙌 Starting consensus session on top of parent 0x%064x", g.height)
	g.print("INFO", "sc_basic_authorship::basic_authorship",
		"🎁 Prepared block for proposing at %d (%d ms) [hash: 0x%064x; parent_hash: %s; no extrinsics",
		g.height, g.random.IntN(9), g.height, g.hash())
	g.print("INFO", "aura", "🔖 Pre-sealed block for proposal at %d. Hash now 0x%064x, previously 0x%064x.",
		g.height, g.height+1, g.height)
}

func (g *generator) committee() {
	g.print("INFO", "AlephBFT-member", "Member status report: task queue content: CoordRequest - %d, "+
		"ParentsRequest - 0, UnitMulticast - 1, RequestNewest - 1; not_resolved_coords.len() - %d; pending tasks "+
		"with counter >= 5 - ScheduledTask(CoordRequest(UnitCoord { round: 0, creator: NodeIndex(3) }), counter 17)",
		g.random.IntN(99), g.random.IntN(99))
	g.print("INFO", "AlephBFT-runway", "Runway status report: DAG size - %d; number of units in the store - %d",
		g.random.IntN(9999), g.random.IntN(9999))
	g.print("WARN", "sc_informant", "♻️  Reorg on #%d,%s to #%d,%s, common ancestor #%d,%s",
		g.height, g.hash(), g.height+1, g.hash(), g.height-1, g.hash())
}

// parseAll feeds a log line by line, as a host's batches would.
func parseAll(p *Parser, state *State, log []byte, emit func(sdk.Event)) {
	for len(log) > 0 {
		line := log
		if i := bytes.IndexByte(log, '\n'); i >= 0 {
			line, log = log[:i], log[i+1:]
		} else {
			log = nil
		}
		p.ParseLine(state, sdk.Line{Text: line}, emit)
	}
}

// BenchmarkParse parses the mixed log, and what is left of it without the lines
// that say something. The first pays for an allocation with each event.
func BenchmarkParse(b *testing.B) {
	mixed := mixedLog(100_000)
	b.Run("mixed", func(b *testing.B) { benchmarkLog(b, mixed) })
	b.Run("without events", func(b *testing.B) { benchmarkLog(b, quietLines(mixed)) })
}

func benchmarkLog(b *testing.B, log []byte) {
	p, events := New(), 0
	emit := func(sdk.Event) { events++ }
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	var state State
	for b.Loop() {
		state = State{}
		parseAll(p, &state, log, emit)
	}
	lines := bytes.Count(log, []byte("\n"))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
	b.ReportMetric(float64(len(log))/float64(lines), "bytes/line")
	b.ReportMetric(float64(events)/float64(b.N*lines), "events/line")
}

func quietLines(log []byte) []byte {
	var quiet []byte
	for line := range bytes.Lines(log) {
		said := false
		parseAll(New(), &State{}, line, func(sdk.Event) { said = true })
		if !said {
			quiet = append(quiet, line...)
		}
	}
	return quiet
}

// BenchmarkGrep is what the parser is measured against: five needles that are
// only counted, in the same log.
func BenchmarkGrep(b *testing.B) {
	grep, err := exec.LookPath("grep")
	if err != nil {
		b.Skip("no grep on this machine")
	}
	log := mixedLog(1_000_000)
	file := filepath.Join(b.TempDir(), "node.log")
	if err := os.WriteFile(file, log, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		cmd := exec.Command(grep, "-cF", "-e", "Imported #", "-e", "Imported: #", "-e", "Running session ",
			"-e", "Prepared block", "-e", "major sync state", file)
		cmd.Env = []string{"LC_ALL=C"}
		// A pipe, because grep does not count when its output is /dev/null.
		if _, err := cmd.Output(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLine shows where the time goes.
func BenchmarkLine(b *testing.B) {
	long := "2025-03-01 10:00:00.000  INFO tokio-runtime-worker x: " + string(bytes.Repeat([]byte("0x12, "), 1<<18))
	cases := []struct{ name, line string }{
		{"import", "2025-03-01 10:00:05.200  INFO tokio-runtime-worker substrate: ✨ Imported #104999001 (0x3333…cccc)"},
		{"import simple", "2025-03-01 10:00:05 ✨ Imported #104999001 (0x3333…cccc)"},
		{"import coloured", "\x1b[2m2025-03-01 10:00:05.200\x1b[0m \x1b[32m INFO\x1b[0m tokio-runtime-worker substrate: ✨ Imported #104999001 (0x3333…cccc)"},
		{"other", "2025-03-01 10:00:05.200  INFO tokio-runtime-worker AlephBFT-member: Member status report: task queue content: CoordRequest - 46"},
		{"unstamped", "   0: sp_panic_handler::set::{{closure}}"},
		{"1 MiB", long},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			p, state, line := New(), State{}, []byte(c.line)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				p.ParseLine(&state, sdk.Line{Text: line}, func(sdk.Event) {})
			}
		})
	}
}
