package supervisor

import (
	"context"
	"log/slog"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/launch"
)

// Spec is one plugin block.
type Spec struct {
	// Block names the block, such as "action.restart"; Position is where it
	// stands.
	Block, Position string
	// Path is the plugin's binary.
	Path string
	// Env names the variables that the plugin sees beside the usual few.
	Env []string
	// Set are variables that it sees besides, as NAME=value, unless Env names
	// them too.
	Set []string
	// MTLS says whether the connection is encrypted both ways.
	MTLS bool
	// SHA256 is what the binary must hash to, in hex; empty for any.
	SHA256 string
	// Timeout is the deadline of a call that has no earlier one; zero stands
	// for 30 seconds.
	Timeout time.Duration
	// Kind is what the plugin must serve; empty for anything.
	Kind sdk.Kind
	// ConfigJSON is the config block.
	ConfigJSON []byte
	// Attached is a process that runs already and is used in place of one of
	// the host's own; nil for none.
	Attached *launch.Running
}

func (s Spec) timeout() time.Duration {
	if s.Timeout <= 0 {
		return 30 * time.Second
	}
	return s.Timeout
}

// timings are those of a process's life.
type timings struct {
	// handshake is how long a plugin may take from its start to its first
	// answer, and again to be configured.
	handshake time.Duration
	// health is how often it is asked after, healthDeadline how long the answer
	// may take.
	health, healthDeadline time.Duration
	// drain is how long an act that is under way may go on when the plugin is
	// to end, and grace how long the process may then take to end by itself.
	drain, grace time.Duration
	// firstPause and longestPause bound the pauses between launches.
	firstPause, longestPause time.Duration
	// well is how long a process must have been up to count as well.
	well time.Duration
}

func usualTimings() timings {
	return timings{
		handshake: launch.Limit,
		health:    5 * time.Second, healthDeadline: 3 * time.Second,
		drain: 5 * time.Second, grace: 1500 * time.Millisecond,
		firstPause: 250 * time.Millisecond, longestPause: 30 * time.Second,
		well: time.Minute,
	}
}

// Supervisor starts plugin processes.
type Supervisor struct {
	logger  *slog.Logger
	times   timings
	sockets *launch.SocketDir
	thread  *launch.Thread
}

// New makes the host's socket folder under dir and removes those of hosts that
// are gone. Where dir is empty it is the system's folder for temporary files,
// or another that works.
func New(dir string, logger *slog.Logger) (*Supervisor, error) {
	sockets, err := launch.NewSocketDir(dir)
	if err != nil {
		return nil, err
	}
	return &Supervisor{logger: logger, times: usualTimings(), sockets: sockets, thread: launch.NewThread()}, nil
}

// Close removes the socket folder. All plugins must have ended, and none may be
// started any more.
func (s *Supervisor) Close() error {
	s.thread.Close()
	return s.sockets.Remove()
}

// Open launches the plugin of a block and asks it who it is. It is not configured
// yet: Ask puts questions to it that need no configuration, and Run takes its
// process over. One that is not run is ended by Close.
func (s *Supervisor) Open(ctx context.Context, spec Spec) (*Plugin, error) {
	process, err := s.launch(ctx, spec)
	if err != nil {
		return nil, err
	}
	p := s.Keep(spec)
	p.opened = process
	return p, nil
}
