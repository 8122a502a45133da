package enginetest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest/program"
	"github.com/headwatch/headwatch/internal/enginetest/script"
)

// Spec describes a container.
type Spec struct {
	// Name is without the slash; the engine makes one up where it is empty.
	Name string
	// Image is what inspect says; ScriptImage where it is empty.
	Image string
	// Program runs in the container; package script where it is nil.
	Program program.Func
	// Args are the program's; "wait" where there are none.
	Args []string
	// TTY merges the streams into one without frames.
	TTY    bool
	Env    []string
	Labels map[string]string
	// LogDriver is json-file where it is empty; "none" cannot be read.
	LogDriver string
	// LogOptions are for the driver of the real engine.
	LogOptions map[string]string
	// RestartPolicy is no, always, unless-stopped or on-failure.
	RestartPolicy string
	// StopTimeout is in seconds; the engine's 10 where it is nil.
	StopTimeout *int
	// StopSignal is SIGTERM where it is empty.
	StopSignal string
	// Bind is a folder of the engine's machine that the container is given, and
	// without which it does not start.
	Bind string
	// Volume is a volume that the container is given at /data in place of Bind; it is
	// made where there is none. ReadOnly is of either.
	Volume   string
	ReadOnly bool
	// Entrypoint takes the place of the image's; the stand-in only tells of it.
	Entrypoint []string
	// Init puts the engine's own init before the program; the stand-in only tells of
	// it.
	Init bool
	// NetworkOf is the id of a container whose network this one uses, and without
	// which it does not start.
	NetworkOf string
	// AutoRemove is what inspect says of --rm; the stand-in removes nothing.
	AutoRemove bool
	// LateLines is how far the end of a run is stamped before its last lines.
	LateLines time.Duration
}

// The states of a container. A paused and a restarting one also count as
// running.
const (
	created    = "created"
	running    = "running"
	paused     = "paused"
	restarting = "restarting"
	exited     = "exited"
	removing   = "removing"
)

// Container is a container of the stand-in. Its methods may be called from any
// goroutine.
type Container struct {
	engine *Engine
	// ID is the full id.
	ID   string
	spec Spec
	made time.Time
	// imageID is the image that it was made of.
	imageID string

	// What follows is guarded by the engine's lock.
	name       string
	status     string
	removed    bool
	exitCode   int
	oomKilled  bool
	startedAt  time.Time
	finishedAt time.Time
	startFails string // what each start fails with; empty for nothing
	runs       int
	restarts   int           // by the policy
	manual     bool          // somebody stopped it: the policy is off
	revives    bool          // the engine starts it when it lives again
	backoff    chan struct{} // closed to end the wait of the policy; nil outside of one
	run        *run          // the newest; nil before the first
	log        journal
	corrupt    string // what reading the log's files answers; empty for nothing
	followers  map[*follower]bool
	followed   int           // counts followers
	changed    chan struct{} // closed and replaced at each change
}

// CreateContainer makes a container that does not run yet.
func (e *Engine) CreateContainer(spec Spec) *Container {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.create(spec)
}

// RunContainer makes a container and starts it.
func (e *Engine) RunContainer(spec Spec) *Container {
	c := e.CreateContainer(spec)
	c.Start()
	return c
}

func (e *Engine) create(spec Spec) *Container {
	c := &Container{
		engine:    e,
		ID:        newID(),
		made:      e.now(),
		status:    created,
		followers: map[*follower]bool{},
		changed:   make(chan struct{}),
	}
	c.spec = spec.withDefaults()
	c.imageID = e.images[c.spec.Image].id
	c.name = spec.Name
	if c.name == "" {
		c.name = "unnamed_" + c.ID[:8]
	}
	e.containers = append(e.containers, c)
	c.tell("create", nil)
	return c
}

func (s Spec) withDefaults() Spec {
	if s.Program == nil {
		s.Program = script.Run
		if len(s.Args) == 0 {
			s.Args = []string{"wait"}
		}
	}
	for _, d := range []struct {
		field *string
		value string
	}{{&s.Image, ScriptImage}, {&s.LogDriver, "json-file"}, {&s.RestartPolicy, "no"}, {&s.StopSignal, "SIGTERM"}} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	return s
}

func newID() string {
	var id [32]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// Container returns the container that is called so now; nil where there is
// none.
func (e *Engine) Container(name string) *Container {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.containers {
		if c.name == name {
			return c
		}
	}
	return nil
}

// Recreate removes the container and starts one of the same description, as
// compose does: the name stays, the id does not.
func (c *Container) Recreate() *Container {
	spec := c.spec
	c.engine.mu.Lock()
	spec.Name = c.name
	c.engine.mu.Unlock()
	c.Remove()
	return c.engine.RunContainer(spec)
}

// Rename gives the container another name.
func (c *Container) Rename(name string) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	old := c.name
	c.name = name
	c.tell("rename", map[string]string{"oldName": "/" + old})
}

// Remove kills the container where it runs and removes it with its log.
func (c *Container) Remove() {
	c.engine.mu.Lock()
	r := c.run
	c.manual = true
	c.endBackoff()
	c.engine.mu.Unlock()
	if r != nil {
		c.end(r, 137)
	}
	e := c.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.removed {
		return
	}
	c.removed = true
	for i, other := range e.containers {
		if other == c {
			e.containers = append(e.containers[:i:i], e.containers[i+1:]...)
		}
	}
	c.tell("destroy", nil)
	c.announce()
}

// MarkRemoving puts the container into the state of a removal that takes its
// time: it no longer runs, and its log is refused.
func (c *Container) MarkRemoving() {
	c.Exit(137)
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.status = removing
	c.announce()
}

// Emit writes lines to the log's stderr, where a node logs. It fails where the
// container does not run.
func (c *Container) Emit(lines ...string) error {
	return c.write(stderr, []byte(strings.Join(lines, "\n")+"\n"), false)
}

// EmitUnseen writes lines that followers already open never get: the log's
// rotation outran them, or the engine closed their stream too early.
func (c *Container) EmitUnseen(lines ...string) error {
	return c.write(stderr, []byte(strings.Join(lines, "\n")+"\n"), true)
}

// Stdout returns a writer to the log that fails while the container does not
// run.
func (c *Container) Stdout() io.Writer { return streamWriter{c, stdout} }

// Stderr is like Stdout.
func (c *Container) Stderr() io.Writer { return streamWriter{c, stderr} }

type streamWriter struct {
	c      *Container
	stream byte
}

func (w streamWriter) Write(p []byte) (int, error) {
	if err := w.c.write(w.stream, p, false); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *Container) write(stream byte, p []byte, unseen bool) error {
	c.engine.mu.Lock()
	r := c.run
	c.engine.mu.Unlock()
	if r == nil {
		return fmt.Errorf("write to container %s: %w", c.spec.Name, os.ErrClosed)
	}
	return c.record(r, stream, p, unseen)
}

// Record puts a line into the log as it is, with a stamp of its own. The line
// belongs to no run. Without a newline at its end it is a piece.
func (c *Container) Record(at time.Time, line string) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.log.records = append(c.log.records, record{at: at.UTC(), stream: stderr, data: []byte(line)})
	c.announce()
}

// announce wakes whoever waits for a change of the container. The engine's
// lock is held.
func (c *Container) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// active reports whether the container counts as running. The engine's lock is
// held.
func (c *Container) active() bool {
	return c.status == running || c.status == paused || c.status == restarting
}
