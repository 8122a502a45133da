package daemon

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/plugin"
)

// generation is one configuration with its plugins, at work or about to be.
type generation struct {
	config  *config.Config
	plugins *plugin.Set
	// recording is nil where nothing is recorded.
	recording *recording
}

// open opens the plugins of a configuration. Those that run already are used
// again where they serve.
func (d *Daemon) open(ctx context.Context, c *config.Config) (*generation, config.Diagnostics) {
	opener := NewOpener(d.supervisor)
	opener.StateDir = d.store.Dir()
	if d.current != nil {
		opener.Running = d.current.plugins
	}
	plugins, found := opener.Open(ctx, c)
	return &generation{config: c, plugins: plugins}, found
}

// apply puts a generation in force, and says how many monitors it has changed.
// Monitors that stay the same go on.
func (d *Daemon) apply(next *generation) (changed int) {
	old := d.current
	d.Redactor.Add(next.plugins.Secrets()...)
	if old != nil && reflect.DeepEqual(old.config.Record, next.config.Record) {
		next.recording = old.recording
	}
	stays := d.staying(next)
	d.endChanged(stays)
	if old != nil {
		if old.recording != next.recording {
			old.recording.end()
		}
		old.plugins.Close(next.plugins)
	}
	if next.recording == nil && next.config.Record != nil {
		next.recording = d.newRecording(next.config.Record)
	}
	d.current = next
	d.banner(stays, old != nil)
	next.plugins.Start()
	d.server.Redact(d.Redactor.JSON)
	d.server.Watch(intervals(next.config))
	for _, m := range next.config.Monitors {
		if !slices.Contains(stays, m.Name) {
			changed++
			d.monitors.Add(m.Name, func() *monitor.Monitor { return d.build(next, m) })
		}
	}
	return changed
}

// endChanged ends the monitors that do not stay, and what is kept of them.
func (d *Daemon) endChanged(stays []string) {
	if d.current == nil {
		return
	}
	var ending []string
	for _, m := range d.current.config.Monitors {
		if !slices.Contains(stays, m.Name) {
			ending = append(ending, m.Name)
		}
	}
	d.monitors.Replace(ending...)
	for _, name := range ending {
		d.claims.release(name)
		d.current.recording.endMonitor(name)
	}
}

// staying names the monitors that a generation leaves as they are.
func (d *Daemon) staying(next *generation) []string {
	if d.current == nil || d.current.recording != next.recording || (next.config.Record == nil) != (d.current.config.Record == nil) {
		return nil
	}
	var names []string
	for _, old := range d.current.config.Monitors {
		at := slices.IndexFunc(next.config.Monitors, func(m *config.Monitor) bool { return m.Name == old.Name })
		if at >= 0 && d.current.config.Host.DryRun == next.config.Host.DryRun && d.current.sameMonitor(old, next, next.config.Monitors[at]) {
			names = append(names, old.Name)
		}
	}
	return names
}

// sameMonitor says whether two monitors are made of the same text, plugins and
// targets.
func (g *generation) sameMonitor(m *config.Monitor, other *generation, o *config.Monitor) bool {
	mine, theirs := m.Plugins(), o.Plugins()
	if m.Source != o.Source || len(mine) != len(theirs) {
		return false
	}
	for i := range mine {
		if !g.plugins.Uses(mine[i], other.plugins, theirs[i]) || mine[i].MaxAge != theirs[i].MaxAge ||
			string(g.plugins.TargetJSON(m, mine[i])) != string(other.plugins.TargetJSON(o, theirs[i])) {
			return false
		}
	}
	return true
}

// end ends everything: monitors, then what they recorded, then their plugins.
func (d *Daemon) end() {
	d.monitors.Close()
	d.current.recording.end()
	d.current.plugins.Close()
}

// build makes a monitor of a generation.
func (d *Daemon) build(g *generation, m *config.Monitor) *monitor.Monitor {
	logger := d.Logger.With("monitor", m.Name)
	c := watched(g.plugins, m)
	c.Rules, c.Keeper, c.Claims, c.Logger, c.Patience = m.Thresholds(), d.store, d.claims, logger, longestTimeout(m)+patienceBeyond
	if g.recording != nil {
		c.Observers = append(c.Observers, g.recording.monitor(m))
	}
	c.Observers = append(c.Observers, monitor.NewLogObserver(logger), d.server)
	return monitor.New(c)
}

// watched is a monitor as far as its plugins make it.
func watched(plugins *plugin.Set, m *config.Monitor) monitor.Config {
	c := monitor.Config{
		Name: m.Name, Settings: m.Settings, Heads: map[string]monitor.HeadSource{}, Tail: m.Logs.Tail,
		Target: plugins.Plugin(m.Action).Target(plugins.TargetJSON(m, m.Action)),
	}
	if m.Parser != nil {
		c.Log = plugins.Plugin(m.Logs.From).LogSource(plugins.TargetJSON(m, m.Logs.From))
		c.Parser = plugins.Plugin(m.Parser).Parser()
	}
	if m.Node != nil {
		c.NodeName, c.Node = m.Node.Name, plugins.Plugin(m.Node).NodeSource()
	}
	for _, block := range m.Heads {
		c.Heads[block.Name] = plugins.Plugin(block).HeadSource()
	}
	return c
}

// patienceBeyond is how much longer than a call's deadline a monitor waits for it
// before it gives it up.
const patienceBeyond = 10 * time.Second

// longestTimeout is the longest deadline of a call of a monitor.
func longestTimeout(m *config.Monitor) time.Duration {
	longest := time.Duration(0)
	for _, block := range m.Plugins() {
		longest = max(longest, block.Timeout)
	}
	return longest
}

// intervals are the monitors' names with their intervals, and the longest time
// that the calls of a check may take beyond one.
func intervals(c *config.Config) (map[string]time.Duration, time.Duration) {
	intervals, grace := map[string]time.Duration{}, time.Duration(0)
	for _, m := range c.Monitors {
		intervals[m.Name] = m.Interval
		grace = max(grace, 2*longestTimeout(m))
	}
	return intervals, grace
}
