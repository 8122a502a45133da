package nodesim

import (
	"flag"
	"fmt"
	"io"
	"time"
)

// Settings are what a simulated node is told on its command line.
type Settings struct {
	// RPC is the endpoint of the chain that the node follows; without it the
	// chain is a clock: Start at Epoch, and Rate blocks a second from there.
	RPC   string
	Start uint64
	Epoch time.Time
	Rate  float64
	// CatchUp is how many blocks a second the node imports at most.
	CatchUp float64
	// State is a file for the height of the database, so that a run resumes
	// where the last one ended; without it each run resumes at Start.
	State string

	// WedgeAfter and WedgeBlocks stop the import that long, or that many
	// blocks, after the start of a run; zero for never. The first WedgeRuns
	// runs do so; a restart cures the node after them.
	WedgeAfter  time.Duration
	WedgeBlocks uint64
	WedgeRuns   int
	// Silent makes a wedged node print nothing at all.
	Silent bool

	// Deaf ignores SIGTERM.
	Deaf bool
	// ExitAfter ends the node by itself with ExitCode; zero for never.
	ExitAfter time.Duration
	ExitCode  int

	// Banner prints the lines of a start.
	Banner bool
	// Simple prints the short stamp of a node without its image.
	Simple bool
	// Status is the period of the status lines.
	Status time.Duration
	// MajorSync is how long after the start the node says that it syncs.
	MajorSync time.Duration
	// Filler is how many lines a second are printed that say nothing.
	Filler float64
	// Session is how many blocks a session has.
	Session uint64
	// Numbered prints "run R line K" at Rate instead of all else.
	Numbered bool
}

// parse reads the command line.
func parse(args []string, output io.Writer) (Settings, error) {
	var s Settings
	var epoch string
	f := flag.NewFlagSet("simnode", flag.ContinueOnError)
	f.SetOutput(output)
	f.StringVar(&s.RPC, "rpc", "", "follow the chain at this JSON-RPC endpoint")
	f.Uint64Var(&s.Start, "start", 105_000_000, "height at the epoch")
	f.StringVar(&epoch, "epoch", "", "when the chain was at its start, RFC 3339 (default: the start of this run)")
	f.Float64Var(&s.Rate, "rate", 1, "blocks, or numbered lines, per second")
	f.Float64Var(&s.CatchUp, "catch-up", 50, "most blocks imported per second")
	f.StringVar(&s.State, "state", "", "file to keep the height in")
	f.DurationVar(&s.WedgeAfter, "wedge-after", 0, "stop importing after this time")
	f.Uint64Var(&s.WedgeBlocks, "wedge-blocks", 0, "stop importing after this many blocks")
	f.IntVar(&s.WedgeRuns, "wedge-runs", 1, "how many runs wedge")
	f.BoolVar(&s.Silent, "silent", false, "print nothing when wedged")
	f.BoolVar(&s.Deaf, "deaf", false, "ignore SIGTERM")
	f.DurationVar(&s.ExitAfter, "exit-after", 0, "exit after this time")
	f.IntVar(&s.ExitCode, "exit-code", 1, "exit code of -exit-after")
	f.BoolVar(&s.Banner, "banner", true, "print the lines of a start")
	f.BoolVar(&s.Simple, "simple", false, "print the short form of lines")
	f.DurationVar(&s.Status, "status", 20*time.Second, "period of the status lines")
	f.DurationVar(&s.MajorSync, "major-sync", 10*time.Second, "how long the node says that it syncs")
	f.Float64Var(&s.Filler, "filler", 0, "lines per second that say nothing")
	f.Uint64Var(&s.Session, "session", 900, "blocks in a session")
	f.BoolVar(&s.Numbered, "numbered", false, "print numbered lines only")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if s.Rate <= 0 || s.CatchUp <= 0 || s.Status <= 0 || s.Session == 0 || s.Filler < 0 {
		return s, fmt.Errorf("read flags: rate, catch-up, status and session must be above zero, and filler not below it")
	}
	if epoch == "" {
		s.Epoch = time.Now()
		return s, nil
	}
	var err error
	if s.Epoch, err = time.Parse(time.RFC3339Nano, epoch); err != nil {
		return s, fmt.Errorf("read flag -epoch: %w", err)
	}
	return s, nil
}
