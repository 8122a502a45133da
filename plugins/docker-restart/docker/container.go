package docker

import (
	"errors"
	"strings"
	"time"
)

// ErrAbsent says that the engine has no such container at present.
var ErrAbsent = errors.New("no such container")

// Status is the engine's word for what a container is doing.
type Status string

// The words of the engine. A paused or restarting container counts as running
// there and here.
const (
	Created    Status = "created"
	Running    Status = "running"
	Paused     Status = "paused"
	Restarting Status = "restarting"
	Removing   Status = "removing"
	Exited     Status = "exited"
	Dead       Status = "dead"
)

// Alive says whether a run of the container is going on.
func (s Status) Alive() bool {
	return s == Running || s == Paused || s == Restarting
}

// Container is what the engine says of one container.
type Container struct {
	ID         string
	Name       string // without the slash the engine puts before it
	Status     Status
	CreatedAt  time.Time
	StartedAt  time.Time // zero where it never started
	Restarts   int       // by the restart policy, since a call started it last
	FinishedAt time.Time // end of the last run that ended; zero where none has
	ExitCode   int
	OOMKilled  bool

	TTY         bool
	LogDriver   string
	AutoRemove  bool
	StopTimeout *int   // seconds; nil where the container does not say
	StopSignal  string // empty for the usual one
	// Program is the first process, with its Args; Init says that the engine puts an
	// init of its own before it.
	Program       string
	Args          []string
	Init          bool
	Env           []string
	Mounts        []Mount
	Labels        map[string]string
	RestartPolicy string
	Image         string // as it was asked for, mostly a name with a tag
	ImageID       string // the image that it was made of
	// LogUncached says that the engine keeps no local copy of what another log
	// driver takes.
	LogUncached bool
}

// Mount is a place in a container that is not its own.
type Mount struct {
	Type        string // bind, volume, tmpfs
	Name        string // of a volume
	Source      string // on the engine's machine; the list of some engines leaves it out for a volume
	Destination string
	Writable    bool
}

// Listed is what the engine's list says of one container. The list needs no
// lock of the container, so it answers where an inspect hangs.
type Listed struct {
	ID        string
	Names     []string // without slashes
	Status    Status
	CreatedAt time.Time
	Labels    map[string]string
	Mounts    []Mount
	// Image is its name as it was given, Command the program with its arguments.
	Image, Command string
}

// Name is the container's own: links add names with a slash inside.
func (l Listed) Name() string {
	for _, name := range l.Names {
		if !strings.Contains(name, "/") {
			return name
		}
	}
	return ShortID(l.ID)
}

// ShortID is the id as people know it.
func ShortID(id string) string { return id[:min(len(id), 12)] }

// LogQuery says what of a log to read.
type LogQuery struct {
	Follow bool
	Tail   int       // records from the end; tailAll for no limit
	Since  time.Time // zero for no limit; never without a tail but as a last resort
}

// TailAll reads a log from its beginning.
const TailAll = -1
