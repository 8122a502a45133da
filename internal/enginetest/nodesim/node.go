// Package nodesim is a simulated blockchain node for tests and for the demo: a
// program that follows a chain and logs it line by line as aleph-node does. It
// keeps no blocks and speaks to no peers, and it can be told to break in the
// ways in which nodes break.
package nodesim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest/program"
)

var _ program.Func = Run

// exitUsage is the exit code for flags that cannot be read.
const exitUsage = 2

// tick is how often the node looks at its chain.
const tick = 50 * time.Millisecond

// Run is the program; -help says what it can be told. Like the node it logs to
// stderr, and it ends on SIGTERM without a word. On SIGUSR1 it wedges.
func Run(ctx context.Context, p *program.Process) int {
	settings, err := parse(p.Args, p.Stderr)
	if err != nil {
		fmt.Fprintln(p.Stderr, err)
		return exitUsage
	}
	n := newNode(settings, p)
	if settings.Numbered {
		return n.loop(ctx, time.Duration(float64(time.Second)/settings.Rate), n.number)
	}
	n.boot()
	return n.loop(ctx, tick, n.work)
}

// node is one run of a simulated node.
type node struct {
	Settings
	*printer
	process *program.Process
	network network

	started    time.Time
	resumed    uint64 // the height at the start of the run
	height     uint64
	allowance  float64 // blocks that may be imported now
	filler     float64 // lines that say nothing and are due
	worked     time.Time
	reported   time.Time
	session    uint64
	majorSync  bool
	stuck      bool
	lineNumber int
}

func newNode(s Settings, p *program.Process) *node {
	n := &node{
		Settings: s, process: p, network: s.network(), started: time.Now(),
		printer: &printer{out: p.Stderr, simple: s.Simple},
	}
	n.resumed = n.load()
	n.height, n.worked = n.resumed, n.started
	return n
}

// boot prints what a node prints before it works.
func (n *node) boot() {
	if n.Banner {
		n.banner(n.height)
	}
	n.info("aleph-block-sync", "Switched to major sync state.")
	n.majorSync = true
	n.status(n.height)
	n.reported = n.started
	n.beginSession()
}

// loop calls work at each tick until the node is ended, and returns the exit
// code.
func (n *node) loop(ctx context.Context, tick time.Duration, work func(context.Context, time.Time)) int {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var over <-chan time.Time
	if n.ExitAfter > 0 {
		over = time.After(n.ExitAfter)
	}
	for {
		select {
		case now := <-ticker.C:
			work(ctx, now)
		case <-over:
			return n.ExitCode
		case signal := <-n.process.Signals:
			if signal == syscall.SIGUSR1 {
				n.stuck = true
			} else if !n.Deaf {
				return 0
			}
		case <-ctx.Done():
			return 137
		}
	}
}

// number is the work of a node that prints numbered lines only.
func (n *node) number(context.Context, time.Time) {
	n.lineNumber++
	fmt.Fprintf(n.process.Stderr, "run %d line %d\n", n.process.Run, n.lineNumber)
}

// work imports what the chain has and reports.
func (n *node) work(ctx context.Context, now time.Time) {
	passed := now.Sub(n.worked).Seconds()
	n.allowance = min(n.allowance+n.CatchUp*passed, n.CatchUp)
	n.worked = now
	n.wedge(now)
	if n.stuck && n.Silent {
		return
	}
	n.fill(passed)
	if n.majorSync && now.Sub(n.started) >= n.MajorSync {
		n.majorSync = false
		n.info("aleph-block-sync", "No longer in major sync state.")
	}
	if !n.stuck {
		n.follow(ctx, now)
	}
	if now.Sub(n.reported) >= n.Status {
		n.reported = now
		n.status(n.height)
	}
}

// fill prints the lines that say nothing.
func (n *node) fill(seconds float64) {
	for n.filler += n.Filler * seconds; n.filler >= 1; n.filler-- {
		n.lineNumber++
		n.info("txpool", "Line %d of those that say nothing of blocks, sessions or peers.", n.lineNumber)
	}
}

// wedge stops the import for the rest of the run when it is time.
func (n *node) wedge(now time.Time) {
	late := n.WedgeAfter > 0 && now.Sub(n.started) >= n.WedgeAfter
	far := n.WedgeBlocks > 0 && n.height >= n.resumed+n.WedgeBlocks
	n.stuck = n.stuck || n.process.Run <= n.WedgeRuns && (late || far)
}

// follow imports up to the chain's head, at most as fast as the node can.
func (n *node) follow(ctx context.Context, now time.Time) {
	head, err := n.network.head(ctx, now)
	if err != nil {
		return // a node without peers says nothing of it either
	}
	before := n.height
	for n.height < head && n.allowance >= 1 && !n.stuck {
		n.height++
		n.allowance--
		n.imported(n.height)
		if n.height%n.Session == 0 {
			n.beginSession()
		}
		n.wedge(now)
	}
	if n.height > before {
		n.save()
	}
}

func (n *node) beginSession() {
	n.session = n.height / n.Session
	n.info("aleph-party", "Running session %d.", n.session)
}

// load is the height of the database.
func (n *node) load() uint64 {
	text, err := os.ReadFile(n.State)
	if err != nil {
		return n.Start // the first run, or a node without a database
	}
	height, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return n.Start
	}
	return height
}

func (n *node) save() {
	if n.State == "" {
		return
	}
	err := os.WriteFile(n.State, []byte(strconv.FormatUint(n.height, 10)), 0o600)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		n.line("ERROR", "main", "simnode", fmt.Sprintf("keep the height: %v", err))
	}
}
