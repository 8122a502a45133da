package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/httpserver"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
)

// wiring is one configuration at work: its plugins and its monitors.
type wiring struct {
	prepared *prepared
	plugins  map[*config.PluginBlock]*supervisor.Plugin
	heads    map[*config.PluginBlock]*sharedHead
	monitors []*monitor.Monitor
	// recording is nil where nothing is recorded.
	recording *recording
}

// keeping is how monitors keep their state: keeper is nil where none can be
// kept, and unkept says why.
type keeping struct {
	keeper monitor.Keeper
	unkept string
}

// newWiring wires a prepared configuration. Nothing runs yet.
func newWiring(p *prepared, s *supervisor.Supervisor, kept keeping, server *httpserver.Server, logger *slog.Logger) *wiring {
	r := &wiring{prepared: p, plugins: map[*config.PluginBlock]*supervisor.Plugin{}, heads: map[*config.PluginBlock]*sharedHead{}}
	for block, spec := range p.specs {
		r.plugins[block] = s.Keep(spec)
		if block.Kind == sdk.KindHeadSource {
			r.heads[block] = &sharedHead{plugin: r.plugins[block]}
		}
	}
	if p.config.Record != nil {
		r.recording = newRecording(p, server, logger)
	}
	claims := &claims{targets: map[string]string{}}
	for _, m := range p.config.Monitors {
		r.monitors = append(r.monitors, r.monitor(m, kept, claims, server, logger))
	}
	return r
}

func (r *wiring) monitor(m *config.Monitor, kept keeping, claims *claims, server *httpserver.Server, logger *slog.Logger) *monitor.Monitor {
	c := monitor.Config{
		Name: m.Name, Settings: m.Settings, Rules: m.Thresholds(), Heads: map[string]monitor.HeadSource{}, Tail: m.Logs.Tail,
		Target: &target{plugin: r.plugins[m.Action], json: r.prepared.targets[targetOf{m, m.Action}]},
		Log:    &logSource{plugin: r.plugins[m.Logs.From], json: r.prepared.targets[targetOf{m, m.Logs.From}]},
		Parser: &parser{plugin: r.plugins[m.Parser]},
		Keeper: kept.keeper, Unkept: kept.unkept, Claims: claims, Logger: logger.With("monitor", m.Name),
		Patience: longestTimeout(m) + patienceBeyond,
	}
	for _, block := range m.Heads {
		c.Heads[block.Name] = r.heads[block]
	}
	if r.recording != nil {
		c.Observers = append(c.Observers, r.recording.monitor(m))
	}
	c.Observers = append(c.Observers, monitor.NewLogObserver(c.Logger), server)
	return monitor.New(c)
}

// run works until ctx is done. Monitors end before their plugins, so that an act
// under way is finished.
func (r *wiring) run(ctx context.Context) error {
	pluginsCtx, stopPlugins := context.WithCancel(context.WithoutCancel(ctx))
	var plugins sync.WaitGroup
	for _, p := range r.plugins {
		plugins.Go(func() { p.Run(pluginsCtx) })
	}
	defer plugins.Wait()
	defer stopPlugins()

	defer r.recording.start(pluginsCtx)()
	var monitors sync.WaitGroup
	for _, m := range r.monitors {
		monitors.Go(func() { m.Run(ctx) })
	}
	monitors.Wait()
	return nil
}

// intervals are the monitors' names with their intervals, and the longest time
// that the calls of a check may take beyond one.
func (r *wiring) intervals() (map[string]time.Duration, time.Duration) {
	intervals, grace := map[string]time.Duration{}, time.Duration(0)
	for _, m := range r.prepared.config.Monitors {
		intervals[m.Name] = m.Interval
		grace = max(grace, 2*longestTimeout(m))
	}
	return intervals, grace
}

// patienceBeyond is how much longer than a call's deadline a monitor waits for
// it before it gives it up.
const patienceBeyond = 10 * time.Second

// longestTimeout is the longest deadline of a call of a monitor.
func longestTimeout(m *config.Monitor) time.Duration {
	longest := time.Duration(0)
	for _, block := range m.Plugins() {
		longest = max(longest, block.Timeout)
	}
	return longest
}

// claims knows which monitors watch which target. Where two watch the same, both
// are refused: neither could keep the other's cooldown.
type claims struct {
	mu      sync.Mutex
	targets map[string]string // by monitor
}

var _ monitor.Claims = (*claims)(nil)

// Claim says which other monitor has the target; empty for none.
func (c *claims) Claim(name, targetID string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.targets[name] = targetID
	for _, other := range slices.Sorted(maps.Keys(c.targets)) {
		if other != name && c.targets[other] == targetID {
			return other
		}
	}
	return ""
}

// downError tells a monitor that the plugin itself is not there.
func downError(err error) error {
	if errors.Is(err, supervisor.ErrDown) {
		return fmt.Errorf("%w: %w", monitor.ErrPluginDown, err)
	}
	return err
}
