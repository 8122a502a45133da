// Command demo shows the main job of headwatch in half a minute: a simulated
// node stops importing blocks, the real host with the real plugins sees it
// fall behind a simulated chain and restarts its container, and the node
// recovers.
//
// Where a Docker Engine answers, the node is a real container, from an image
// that is built from nothing; where none does, a stand-in that is built in
// plays the engine. Nothing of it is left behind. The exit code is 0 only when
// the restart and the recovery were seen.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// A reader that goes away must not end the demo before it has cleaned up:
	// with this its output fails, and nothing else happens.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	exitSeen  = 0
	exitNot   = 1
	exitUsage = 2
)

// options are what the demo is told on its command line.
type options struct {
	engine  string // auto, docker or built-in
	bin     string // folder of finished binaries; empty to build them
	temp    string // folder for what is written; empty for the system's
	verbose bool
	pace    pace
}

// pace is how fast everything goes.
type pace struct {
	block    time.Duration // between two blocks of the chain
	interval time.Duration // between two checks
	cooldown time.Duration
	lagAbove int
	limit    time.Duration // for each thing that must be seen
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o := options{pace: pace{
		block:    200 * time.Millisecond,
		interval: 2 * time.Second,
		cooldown: 5 * time.Second,
		lagAbove: 25,
		limit:    time.Minute,
	}}
	f := flag.NewFlagSet("demo", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.engine, "engine", "auto", "what runs the node: docker, built-in, or auto for the first that is there")
	f.StringVar(&o.bin, "bin", "", "folder with headwatch and plugins/ (default: build them)")
	f.BoolVar(&o.verbose, "v", false, "show every line of the host's log")
	if err := f.Parse(args); err != nil {
		return exitUsage
	}
	if o.engine != "auto" && o.engine != "docker" && o.engine != "built-in" {
		fmt.Fprintf(stderr, "demo: -engine is %q; it must be auto, docker or built-in\n", o.engine)
		return exitUsage
	}
	if err := play(ctx, o, stdout); err != nil {
		fmt.Fprintf(stderr, "\ndemo: %v\n", err)
		return exitNot
	}
	return exitSeen
}
