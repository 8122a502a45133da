package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/httpserver"
	"github.com/headwatch/headwatch/host/internal/privilege"
	"github.com/headwatch/headwatch/host/internal/record"
	"github.com/headwatch/headwatch/host/internal/store"
	"github.com/headwatch/headwatch/host/internal/supervisor"
)

func newRun(g *globals, s streams) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "run --config FILE",
		Short: "Watch, and restart by the rules, until SIGTERM or SIGINT",
		Long: `Watch the nodes of the configuration and restart them by its rules. Ends on
SIGTERM or SIGINT with exit code 0, after an action that is under way. SIGHUP
reads the configuration anew: it takes effect as a whole, or not at all.

With DRY_RUN=true every rule runs and nothing is restarted.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			logger, err := g.newLogger(s.out)
			if err != nil {
				return err
			}
			return (&host{path: path, streams: s, logger: logger}).run(c.Context())
		},
	}
	configFlag(c, &path)
	return c
}

// host is a run of headwatch.
type host struct {
	path    string
	streams streams
	logger  *slog.Logger

	supervisor *supervisor.Supervisor
	server     *httpserver.Server
	kept       keeping
	store      *store.Store
	// secrets are those of all configurations so far.
	secrets []string
}

// run goes from the drop of root to the end of the last plugin.
func (h *host) run(ctx context.Context) error {
	if environment("GOGC", "") == "" {
		// The host is small and idle: a tighter heap costs nothing.
		debug.SetGCPercent(25)
	}
	if err := h.dropRoot(); err != nil {
		return err
	}
	c, found, err := load(h.path)
	if err != nil {
		return err
	}
	if err := report(h.streams, found); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if h.supervisor, err = supervisor.New("", h.logger); err != nil {
		return err
	}
	defer h.supervisor.Close()
	ready, found := prepare(ctx, c, h.supervisor)
	if ctx.Err() != nil {
		return nil
	}
	if err := report(h.streams, found); err != nil {
		return err
	}
	closeStore, err := h.openStore(c.Host)
	if err != nil {
		return err
	}
	defer closeStore()
	h.server = httpserver.New(Version)
	stopHTTP := h.serveHTTP(ctx, c.Host.HTTPListen)
	defer stopHTTP()
	return h.watch(ctx, ready)
}

// watch runs configurations, one after the other, until ctx is done.
func (h *host) watch(ctx context.Context, ready *prepared) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for ready != nil {
		h.banner(ready)
		// What the start needed is garbage now.
		debug.FreeOSMemory()
		r := newWiring(ready, h.supervisor, h.kept, h.server, h.logger)
		h.server.Redact(h.redactor(ready).JSON)
		h.server.Watch(r.intervals())
		var err error
		if ready, err = h.runUntilReload(ctx, r, hangup); err != nil {
			return err
		}
	}
	h.logger.Info("headwatch ends")
	return nil
}

// redactor takes out what is secret in a configuration, or was in one before.
func (h *host) redactor(ready *prepared) *record.Redactor {
	h.secrets = append(h.secrets, ready.secrets...)
	slices.Sort(h.secrets)
	h.secrets = slices.Compact(h.secrets)
	return record.NewRedactor(h.secrets)
}

// runUntilReload runs one configuration until it ends, or until another one is
// ready to take its place, which it returns.
func (h *host) runUntilReload(ctx context.Context, r *wiring, hangup <-chan os.Signal) (*prepared, error) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- r.run(working) }()
	for {
		select {
		case err := <-ended:
			return nil, err
		case <-hangup:
			next := h.reload(ctx, r.prepared.config.Host)
			if next == nil {
				continue
			}
			stop()
			if err := <-ended; err != nil {
				return nil, err
			}
			return next, nil
		}
	}
}

// reload prepares the configuration anew; nil where the old one stays.
func (h *host) reload(ctx context.Context, before config.Host) *prepared {
	keep := func(found config.Diagnostics) *prepared {
		h.logger.Error("the new configuration is refused; the old one stays in force", "mistakes", len(found))
		for _, d := range found {
			h.logger.Error(d.String(), "hint", d.Hint)
		}
		return nil
	}
	c, found, err := load(h.path)
	if err != nil || found.HasErrors() {
		return keep(found)
	}
	next, found := prepare(ctx, c, h.supervisor)
	if found.HasErrors() || ctx.Err() != nil {
		return keep(found)
	}
	if before.StateDir != c.Host.StateDir || before.HTTPListen != c.Host.HTTPListen {
		h.logger.Warn("state_dir and http take effect at the next start only")
	}
	h.logger.Info("the configuration was read anew")
	return next
}

// dropRoot gives up root where MONITOR_UID asks for it.
func (h *host) dropRoot() error {
	id, err := privilege.Look(environment("DOCKER_HOST", ""))
	if err != nil {
		h.logger.Warn("cannot look at the engine's socket", "error", err)
	}
	plan, err := privilege.MakePlan(id, environment("MONITOR_UID", ""), environment("MONITOR_GID", ""))
	if err != nil {
		return usageError{err}
	}
	if err := plan.Apply(); err != nil {
		return fmt.Errorf("drop root: %w; it takes the capabilities SETUID and SETGID, or run it with --user, or set MONITOR_UID=0 to stay root", err)
	}
	if plan.Drop {
		h.logger.Info("root was dropped", "uid", plan.UID, "gid", plan.GID, "groups", plan.Groups)
	}
	for _, note := range plan.Notes {
		h.logger.Warn(note)
	}
	return nil
}

// openStore opens the state folder. Where it cannot be written the host watches
// all the same, and restarts nothing; a folder that another host uses is an
// error.
func (h *host) openStore(c config.Host) (func(), error) {
	dir, err := stateDir(c)
	if err == nil {
		var kept *store.Store
		if kept, err = store.Open(dir); err == nil {
			h.kept, h.store = keeping{keeper: kept}, kept
			return func() { kept.Close() }, nil
		}
	}
	if errors.Is(err, store.ErrLocked) {
		return nil, err
	}
	h.logger.Error("state cannot be written: this host watches and restarts nothing", "error", err, "hint", "set HEADWATCH_STATE_DIR to a folder that it may write")
	h.kept = keeping{unkept: "state cannot be written"}
	return func() {}, nil
}

// stateDir is the configured folder, or one that works unconfigured.
func stateDir(c config.Host) (string, error) {
	if c.StateDir != "" {
		return c.StateDir, nil
	}
	if dir := environment("XDG_STATE_HOME", ""); dir != "" {
		return filepath.Join(dir, "headwatch"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state", "headwatch"), nil
}

// serveHTTP starts the HTTP endpoint; where it cannot listen the host goes on
// without. The returned function ends it.
func (h *host) serveHTTP(ctx context.Context, address string) func() {
	// One that another host left names an endpoint that is gone.
	h.noteAddress("")
	if address == "" {
		return func() {}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		h.logger.Warn("the HTTP endpoint is off", "error", err)
		return func() {}
	}
	h.logger.Info("the HTTP endpoint listens", "address", listener.Addr().String())
	h.noteAddress(listener.Addr().String())
	ctx, stop := context.WithCancel(ctx)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := h.server.Serve(ctx, listener); err != nil {
			h.logger.Error("the HTTP endpoint ended", "error", err)
		}
	})
	return func() {
		stop()
		serving.Wait()
		h.noteAddress("")
	}
}

// noteAddress notes where the endpoint listens, for commands that ask it. None
// hangs on it: what is wrong with the state folder was said.
func (h *host) noteAddress(address string) {
	if h.store == nil {
		return
	}
	if err := h.store.SaveAddress(address); err != nil {
		h.logger.Warn("commands may not find the HTTP endpoint of this host", "error", err)
	}
}

// banner says what is in force.
func (h *host) banner(p *prepared) {
	mode := "restarts by the rules"
	switch {
	case p.config.Host.DryRun:
		mode = "dry run: restarts nothing"
	case h.kept.keeper == nil:
		mode = "restarts nothing: " + h.kept.unkept
	}
	h.logger.Info("headwatch starts", "version", Version, "commit", commit(), "config", h.path, "mode", mode)
	for _, m := range p.config.Monitors {
		var sources []string
		for _, block := range m.Heads {
			sources = append(sources, block.String())
		}
		h.logger.Info("watching", "monitor", m.Name, "target", m.Settings.Name, "heads", strings.Join(sources, ","),
			"parser", m.Parser.String(), "action", m.Action.String(), "thresholds", strings.Join(m.Thresholds(), "; "))
	}
	if p.config.Record != nil {
		h.bannerOfRecording(p.config.Record)
	}
}
