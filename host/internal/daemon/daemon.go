package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/control"
	"github.com/headwatch/headwatch/host/internal/httpserver"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/privilege"
	"github.com/headwatch/headwatch/host/internal/redact"
	"github.com/headwatch/headwatch/host/internal/store"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Options are what a daemon is started with.
type Options struct {
	// ConfigPath is the configuration's file.
	ConfigPath      string
	Version, Commit string
	Logger          *slog.Logger
	// Redactor is told of every secret of the configuration.
	Redactor *redact.Redactor
	// Hangups ask for the configuration to be read anew. One of before Run counts.
	Hangups <-chan os.Signal
}

// Refused is the error of a configuration that cannot be used.
type Refused struct{ Found config.Diagnostics }

func (r *Refused) Error() string { return r.Found.Err().Error() }

// Usage is an error of how headwatch was called, such as a user that there is not.
type Usage struct{ Err error }

func (u Usage) Error() string { return u.Err.Error() }

// Unwrap returns the error itself.
func (u Usage) Unwrap() error { return u.Err }

// refusedMost is how long the engine may refuse the connections of every monitor
// before the host ends, for a supervisor to start it anew: the file of a socket
// that was mounted into a container goes stale when the engine makes a new one.
const refusedMost = 10 * time.Minute

// Daemon is a run of headwatch.
type Daemon struct {
	Options

	supervisor *supervisor.Supervisor
	server     *httpserver.Server
	monitors   *monitor.Set
	claims     *claims
	store      *store.Store
	// unkept says why no state could be kept at the start; empty where it could.
	unkept  string
	current *generation
	// control is nil while the socket for people cannot be opened; uncontrolled says
	// why, as it was said last.
	control      *control.Server
	uncontrolled string
}

// New returns a daemon that has not begun.
func New(o Options) *Daemon {
	return &Daemon{Options: o, server: httpserver.New(o.Version), monitors: monitor.NewSet(o.Logger), claims: newClaims()}
}

// Run goes from the drop of root to the end of the last plugin. It ends on SIGTERM
// and SIGINT, after an act that is under way.
// warn takes the warnings about the configuration. An error is [Refused] or
// [Usage] where the operator has to mend something before the next start.
func (d *Daemon) Run(ctx context.Context, warn func(config.Diagnostics)) error {
	if os.Getenv("GOGC") == "" {
		// The host is small and idle: a tighter heap costs nothing.
		debug.SetGCPercent(25)
	}
	if err := DropRoot(d.Logger); err != nil {
		return err
	}
	c, found := config.Load(d.ConfigPath, os.LookupEnv)
	if found.HasErrors() {
		// What is wrong with the plugins' own blocks is told together with it.
		return &Refused{append(found, d.judge(ctx, c)...).Sorted()}
	}
	warn(found)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// A second signal ends the process at once.
	defer context.AfterFunc(ctx, stop)()
	var background sync.WaitGroup
	defer background.Wait()
	reaping, stopReaping := context.WithCancel(context.WithoutCancel(ctx))
	defer stopReaping()
	background.Go(func() { reapOrphans(reaping) })
	var err error
	if d.supervisor, err = supervisor.New("", d.Logger); err != nil {
		return err
	}
	defer d.supervisor.Close()
	if err := d.openStore(c.Host); err != nil {
		return err
	}
	defer d.store.Close()
	return d.watch(ctx, c, warn)
}

// watch runs the first configuration, and those that take its place.
func (d *Daemon) watch(ctx context.Context, c *config.Config, warn func(config.Diagnostics)) error {
	next, found := d.open(ctx, c)
	if ctx.Err() != nil || found.HasErrors() {
		next.plugins.Close()
		if ctx.Err() != nil {
			return nil
		}
		return &Refused{found}
	}
	warn(found)
	stopHTTP := d.serveHTTP(ctx, c.Host.HTTPListen)
	defer stopHTTP()
	d.apply(next)
	defer d.end()
	// What the start needed is garbage now.
	debug.FreeOSMemory()
	d.openControl()
	defer d.closeControl()
	refusals := time.NewTicker(refusedMost / 20)
	defer refusals.Stop()
	for {
		select {
		case <-ctx.Done():
			d.Logger.Info("headwatch ends")
			return nil
		case <-d.Hangups:
			d.reload(ctx)
		case now := <-refusals.C:
			d.openControl()
			if d.monitors.AllRefused(now, refusedMost) && mountedSocket() {
				return errors.New("the engine has refused the connections of every monitor for ten minutes: the file of its socket may be an old one; headwatch ends, to be started anew")
			}
		}
	}
}

// judge asks the plugins about what can be read of a configuration with mistakes.
func (d *Daemon) judge(ctx context.Context, c *config.Config) config.Diagnostics {
	found, err := Judge(ctx, c)
	if err != nil {
		d.Logger.Warn("the plugins could not be asked about the configuration", "error", err)
	}
	return found
}

// Judge has the plugins judge a configuration, as far as it can be read. No
// plugin is configured and nothing is contacted.
func Judge(ctx context.Context, c *config.Config) (config.Diagnostics, error) {
	if c == nil {
		return nil, nil
	}
	plugins, err := supervisor.New("", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer plugins.Close()
	set, found := NewOpener(plugins).Open(ctx, c)
	set.Close()
	return found, nil
}

// NewOpener returns an opener of plugin blocks as a run of headwatch has one.
func NewOpener(plugins *supervisor.Supervisor) *plugin.Opener {
	return &plugin.Opener{Supervisor: plugins, Reattach: os.Getenv(wire.ReattachVariable)}
}

// mountedSocket says whether the engine is asked through the file of a socket.
func mountedSocket() bool {
	path, ok := privilege.SocketPath(os.Getenv("DOCKER_HOST"))
	if !ok {
		return false
	}
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&os.ModeSocket != 0
}

// DropRoot gives up root where MONITOR_UID asks for it.
func DropRoot(logger *slog.Logger) error {
	id, err := privilege.Look(os.Getenv("DOCKER_HOST"))
	if err != nil {
		logger.Warn("cannot look at the engine's socket", "error", err)
	}
	plan, err := privilege.MakePlan(id, os.Getenv("MONITOR_UID"), os.Getenv("MONITOR_GID"))
	if err != nil {
		return Usage{err}
	}
	if err := plan.Apply(); err != nil {
		return fmt.Errorf("drop root: %w; it takes the capabilities SETUID and SETGID, or run it with --user, or set MONITOR_UID=0 to stay root", err)
	}
	if plan.Drop {
		logger.Info("root was dropped", "uid", plan.UID, "gid", plan.GID, "groups", plan.Groups)
	}
	for _, note := range plan.Notes {
		logger.Warn(note)
	}
	return nil
}

// openStore opens the state folder. Where it cannot be written the host watches
// all the same, restarts nothing, and tries again at each check; a folder that
// another host uses is an error.
func (d *Daemon) openStore(host config.Host) error {
	dir, err := StateDir(host)
	if err != nil {
		return fmt.Errorf("find a state folder: %w; set HEADWATCH_STATE_DIR", err)
	}
	d.store = store.New(dir)
	switch err := d.store.Open(); {
	case errors.Is(err, store.ErrLocked):
		return err
	case err != nil:
		d.unkept = "state cannot be written"
		d.Logger.Error("state cannot be written: this host watches and restarts nothing, until it can", "error", err,
			"hint", "set HEADWATCH_STATE_DIR to a folder that it may write")
	}
	return nil
}

// StateDir is the configured state folder, or one that works unconfigured.
func StateDir(host config.Host) (string, error) {
	if host.StateDir != "" {
		return host.StateDir, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "headwatch"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state", "headwatch"), nil
}

// reload takes the configuration anew, or keeps the old one as a whole.
func (d *Daemon) reload(ctx context.Context) {
	c, found := config.Load(d.ConfigPath, os.LookupEnv)
	if found.HasErrors() {
		d.sayRefused(append(found, d.judge(ctx, c)...).Sorted())
		return
	}
	next, more := d.open(ctx, c)
	if more.HasErrors() || ctx.Err() != nil {
		next.plugins.Close(d.current.plugins)
		if ctx.Err() == nil {
			d.sayRefused(more)
		}
		return
	}
	before := d.current.config.Host
	if before.StateDir != c.Host.StateDir || before.HTTPListen != c.Host.HTTPListen {
		d.Logger.Warn("state_dir and http take effect at the next start only")
	}
	replaced := d.apply(next)
	d.Logger.Info("the configuration was read anew", "monitors_changed", replaced)
	if replaced == 0 {
		d.Logger.Info("nothing has changed for any monitor; if the file was changed: one that was mounted by itself keeps its old content when it is replaced, so mount its folder", "config", d.ConfigPath)
	}
}

func (d *Daemon) sayRefused(found config.Diagnostics) {
	d.Logger.Error("the new configuration is refused; the old one stays in force", "mistakes", len(found))
	for _, diagnostic := range found {
		d.Logger.Error(diagnostic.String(), "hint", cmp.Or(diagnostic.Hint, "none"))
	}
}
