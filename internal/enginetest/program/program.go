// Package program is what a container of the tests runs: a function with
// arguments, two streams, signals and an exit code. The same function runs as
// a goroutine in the stand-in engine and as the only process of a real
// container. It must stay small and free of dependencies, because it is built
// into every test image.
package program

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// Process is what a program sees of its container.
type Process struct {
	// Args are the arguments after the program's name.
	Args []string
	// Stdout and Stderr go to the container's log.
	Stdout, Stderr io.Writer
	// Signals delivers what the engine asks for, such as SIGTERM. A program
	// that does not read it ignores them all. SIGKILL never comes here.
	Signals <-chan os.Signal
	// Run counts the starts of this container, from 1.
	Run int
}

// Func is a program. It returns the exit code. In the stand-in ctx is done when
// the container is killed; a program that does not return then loses only its
// voice. In a real container ctx is never done.
type Func func(ctx context.Context, p *Process) int

// Main runs f as the process it is called in and returns the exit code. It
// counts the runs in a file in the container's writable layer; where that
// cannot be written, every run is the first.
func Main(f Func) int {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1)
	defer signal.Stop(signals)
	return f(context.Background(), &Process{
		Args:    os.Args[1:],
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Signals: signals,
		Run:     countRun("/headwatch-test-runs"),
	})
}

func countRun(file string) int {
	text, _ := os.ReadFile(file) // absent in the first run
	before, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	run := before + 1
	if err := os.WriteFile(file, []byte(strconv.Itoa(run)), 0o600); err != nil {
		return 1
	}
	return run
}
