package enginetest

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest/program"
)

// earlyLine is how long an engine before 27.0 stamps a start after the
// program's first lines; up to 4.3 ms were seen.
const earlyLine = 3 * time.Millisecond

// run is one life of a container's program. The engine's lock guards it.
type run struct {
	signals chan os.Signal
	kill    context.CancelFunc
	begun   chan struct{} // closed when the start is told; no end comes before it
	ended   chan struct{} // closed when the run is over
	over    bool
	end     int // the log's end when the run was over
	out     [3]copier
	// unattended is what was written while the engine was dead.
	unattended []write
}

type write struct {
	stream byte
	data   []byte
}

// Start starts the container; it does nothing where it runs.
func (c *Container) Start() {
	c.engine.mu.Lock()
	finish := c.start(false)
	c.engine.mu.Unlock()
	finish()
}

// start begins a run. The caller calls finish, without the engine's lock, to
// end the start. The engine's lock is held.
func (c *Container) start(byPolicy bool) (finish func()) {
	if c.removed || c.engine.closed || c.status == running || c.status == paused || c.startFailure() != nil {
		return func() {}
	}
	c.endBackoff()
	c.runs++
	c.manual = false
	if byPolicy {
		c.restarts++
	} else {
		c.restarts = 0
	}
	ctx, kill := context.WithCancel(context.Background())
	r := &run{signals: make(chan os.Signal, 8), kill: kill, begun: make(chan struct{}), ended: make(chan struct{})}
	valid := c.spec.LogDriver == "json-file"
	r.out[stdout] = copier{stream: stdout, utf8: valid}
	r.out[stderr] = copier{stream: stderr, utf8: valid}
	c.run, c.status, c.exitCode, c.oomKilled = r, running, 0, false
	var lasts time.Duration
	if c.engine.personality.EarlyFirstLine {
		lasts = earlyLine
	}
	c.startedAt = c.engine.now().Add(lasts)
	c.launch(ctx, r)
	c.announce()
	return func() {
		<-time.After(lasts)
		c.engine.mu.Lock()
		defer c.engine.mu.Unlock()
		c.tell("start", nil)
		close(r.begun)
	}
}

// launch runs the program in a goroutine that the engine waits for.
func (c *Container) launch(ctx context.Context, r *run) {
	p := &program.Process{
		Args:    c.spec.Args,
		Stdout:  runWriter{c, r, stdout},
		Stderr:  runWriter{c, r, stderr},
		Signals: r.signals,
		Run:     c.runs,
	}
	c.engine.programs.Go(func() {
		c.end(r, c.spec.Program(ctx, p))
	})
}

// runWriter is a program's stdout or stderr. It belongs to one run, so that a
// program that outlives its container writes to nobody.
type runWriter struct {
	c      *Container
	run    *run
	stream byte
}

func (w runWriter) Write(p []byte) (int, error) {
	if err := w.c.record(w.run, w.stream, p, false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// record takes what a run writes. A paused container blocks here.
func (c *Container) record(r *run, stream byte, p []byte, unseen bool) error {
	e := c.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	for c.status == paused && !r.over {
		changed := c.changed
		e.mu.Unlock()
		<-changed
		e.mu.Lock()
	}
	if r.over {
		return os.ErrClosed
	}
	if e.life == nil {
		r.unattended = append(r.unattended, write{stream, append([]byte(nil), p...)})
		return nil
	}
	c.copy(r, stream, p, unseen)
	c.announce()
	return nil
}

// copy hands bytes to the stream's copier. The engine's lock is held.
func (c *Container) copy(r *run, stream byte, p []byte, unseen bool) {
	if c.spec.TTY {
		stream = stdout // a terminal has one stream and its own line ends
		p = []byte(strings.ReplaceAll(string(p), "\n", "\r\n"))
	}
	r.out[stream].write(p, c.engine.now(), c.adder(unseen))
}

func (c *Container) adder(unseen bool) func(record) {
	return func(rec record) {
		if unseen {
			rec.unseen = c.followed + 1
		}
		c.log.records = append(c.log.records, rec)
	}
}

// flushUnattended records what was written while nobody read it. The engine's
// lock is held.
func (c *Container) flushUnattended() {
	if c.run == nil {
		return
	}
	for _, w := range c.run.unattended {
		c.copy(c.run, w.stream, w.data, false)
	}
	c.run.unattended = nil
	c.announce()
}

// Exit ends the program as if it had ended by itself with this code.
func (c *Container) Exit(code int) {
	c.engine.mu.Lock()
	r := c.run
	c.engine.mu.Unlock()
	if r != nil {
		c.end(r, code)
	}
}

// ExitOutOfMemory ends the program as the kernel does that has no memory left.
func (c *Container) ExitOutOfMemory() {
	c.engine.mu.Lock()
	c.oomKilled = c.active()
	c.engine.mu.Unlock()
	c.Exit(137)
}

// end ends a run once; whoever comes later changes nothing.
func (c *Container) end(r *run, code int) {
	<-r.begun
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	if r.over {
		return
	}
	now := c.engine.now()
	for _, w := range r.unattended {
		c.copy(r, w.stream, w.data, false)
	}
	r.out[stdout].flush(now, c.adder(false))
	r.out[stderr].flush(now, c.adder(false))
	r.over, r.end = true, c.log.end()
	r.kill()
	close(r.ended)
	c.status, c.exitCode, c.finishedAt = exited, code, now.Add(-c.spec.LateLines)
	c.tell("die", map[string]string{"exitCode": strconv.Itoa(code)})
	if c.policyRestarts(code) {
		c.status = restarting
		c.backoff = make(chan struct{})
		c.startLater(c.backoff, min(100*time.Millisecond<<min(c.restarts, 10), time.Minute))
	}
	c.announce()
}

func (c *Container) policyRestarts(code int) bool {
	if c.manual || c.engine.closed {
		return false
	}
	switch c.spec.RestartPolicy {
	case "always", "unless-stopped":
		return true
	case "on-failure":
		return code != 0
	}
	return false
}

// startLater is the policy's next start, unless the wait is ended before.
func (c *Container) startLater(ended <-chan struct{}, wait time.Duration) {
	c.engine.programs.Go(func() {
		select {
		case <-time.After(wait):
		case <-ended:
			return
		}
		c.engine.mu.Lock()
		if c.status != restarting || c.backoff != ended {
			c.engine.mu.Unlock()
			return
		}
		finish := c.start(true)
		c.engine.mu.Unlock()
		finish()
	})
}

// endBackoff ends the wait of the policy. The engine's lock is held.
func (c *Container) endBackoff() {
	if c.backoff != nil {
		close(c.backoff)
		c.backoff = nil
	}
}

// Stop stops the container as an operator does: SIGTERM, then SIGKILL after
// the grace.
func (c *Container) Stop(grace time.Duration) { _ = c.stop(grace, c.spec.StopSignal) }

// stop reports whether there was anything to stop. A negative grace never
// ends.
func (c *Container) stop(grace time.Duration, signal string) bool {
	c.engine.mu.Lock()
	if !c.active() {
		c.engine.mu.Unlock()
		return false
	}
	c.manual = true
	if c.status == restarting { // nothing runs: only the wait is ended
		c.endBackoff()
		c.status = exited
		c.tell("stop", nil)
		c.announce()
		c.engine.mu.Unlock()
		return true
	}
	r := c.run
	c.deliver(signal)
	c.engine.mu.Unlock()
	var late <-chan time.Time
	if grace >= 0 {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-r.ended:
	case <-late:
		c.engine.mu.Lock()
		c.deliver("SIGKILL")
		c.engine.mu.Unlock()
		c.end(r, 137)
	}
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.tell("stop", nil)
	return true
}

// stopForDeath stops the container with the engine. Its policy still holds.
func (c *Container) stopForDeath() {
	if !c.stop(10*time.Second, c.spec.StopSignal) {
		return
	}
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.manual = false
	c.revives = c.spec.RestartPolicy == "always" || c.spec.RestartPolicy == "unless-stopped"
}

// signalNumber reads a signal by name or number, as an operator may write it.
func signalNumber(name string) (syscall.Signal, bool) {
	if n, err := strconv.Atoi(name); err == nil {
		return syscall.Signal(n), n > 0 && n < 65
	}
	numbers := map[string]syscall.Signal{
		"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT,
		"KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM, "USR1": syscall.SIGUSR1,
	}
	n, known := numbers[strings.TrimPrefix(strings.ToUpper(name), "SIG")]
	return n, known
}

// deliver sends a signal to the program. SIGKILL it only announces: the caller
// ends the run. The engine's lock is held.
func (c *Container) deliver(name string) {
	number, _ := signalNumber(name)
	if c.status == paused {
		c.status = running
		c.tell("unpause", nil)
		c.announce()
	}
	c.tell("kill", map[string]string{"signal": strconv.Itoa(int(number))})
	if number == syscall.SIGKILL {
		return
	}
	select {
	case c.run.signals <- number:
	default: // the program does not read them
	}
}

// Pause freezes the container: what it writes waits.
func (c *Container) Pause() { c.pause() }

// Unpause ends Pause.
func (c *Container) Unpause() { c.unpause() }

func (c *Container) pause() bool   { return c.freeze(running, paused, "pause") }
func (c *Container) unpause() bool { return c.freeze(paused, running, "unpause") }

func (c *Container) freeze(from, to, action string) bool {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	if c.status != from {
		return false
	}
	c.status = to
	c.tell(action, nil)
	c.announce()
	return true
}

// restart is a manual restart. gone is done when the client has left.
func (c *Container) restart(gone context.Context, grace time.Duration, signal string) error {
	_ = c.stop(grace, signal)
	e := c.engine
	e.mu.Lock()
	if e.personality.CancelLeavesStopped && gone.Err() != nil {
		e.mu.Unlock()
		return nil
	}
	err := c.startFailure()
	finish := c.start(false) // nothing, where another restart was faster
	e.mu.Unlock()
	if err != nil {
		return err
	}
	finish()
	e.mu.Lock()
	defer e.mu.Unlock()
	c.tell("restart", nil)
	return nil
}
