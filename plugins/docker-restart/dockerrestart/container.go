package dockerrestart

import "time"

// status is the engine's word for what a container is doing.
type status string

// The words of the engine. A paused or restarting container counts as running
// there and here.
const (
	statusCreated    status = "created"
	statusRunning    status = "running"
	statusPaused     status = "paused"
	statusRestarting status = "restarting"
	statusRemoving   status = "removing"
	statusExited     status = "exited"
	statusDead       status = "dead"
)

// alive says whether a run of the container is going on.
func (s status) alive() bool {
	return s == statusRunning || s == statusPaused || s == statusRestarting
}

// container is what the engine says of one container.
type container struct {
	id         string
	name       string // without the slash the engine puts before it
	status     status
	createdAt  time.Time
	startedAt  time.Time // zero where it never started
	finishedAt time.Time // end of the last run that ended; zero where none has
	exitCode   int
	oomKilled  bool

	tty         bool
	logDriver   string
	autoRemove  bool
	stopTimeout *int // seconds; nil where the container does not say
	program     string
	env         []string
	mounts      int
	labels      map[string]string
}

// listed is what the engine's list says of one container. The list needs no
// lock of the container, so it answers where an inspect hangs.
type listed struct {
	id        string
	names     []string // without slashes
	status    status
	createdAt time.Time
	labels    map[string]string
}

// logQuery says what of a log to read.
type logQuery struct {
	follow bool
	tail   int       // records from the end; tailAll for no limit
	since  time.Time // zero for no limit; never without a tail but as a last resort
}

// tailAll reads a log from its beginning.
const tailAll = -1

// event is one thing that happened to a container.
type event struct {
	id       string
	action   string
	at       time.Time
	exitCode *int   // of a die
	signal   string // of a kill: a number
}

// eventQuery says which events to hear.
type eventQuery struct {
	container string    // full id; empty for all
	since     time.Time // zero for those to come only
}
