package plugin

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Target is a target of an action plugin, by its target block as JSON.
func (p *Plugin) Target(json []byte) monitor.Target { return &target{plugin: p, json: json} }

// LogSource is the log of a target, by its target block as JSON.
func (p *Plugin) LogSource(json []byte) monitor.LogSource { return &logSource{plugin: p, json: json} }

type target struct {
	plugin *Plugin
	json   []byte
	// actTakes is the longest that an act may take, as the plugin said last, in
	// nanoseconds.
	actTakes atomic.Int64
}

var _ monitor.Target = (*target)(nil)

// Inspect asks the plugin for the target's state.
func (t *target) Inspect(ctx context.Context) (state sdk.State, err error) {
	err = t.plugin.do(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		state, err = c.Inspect(ctx, t.json)
		return err
	})
	if err == nil {
		t.actTakes.Store(int64(state.ActTakes))
	}
	return state, err
}

// executeBeyond is how much longer than the plugin says that an act takes its
// answer is waited for.
const executeBeyond = 5 * time.Second

// Execute asks the plugin to act. Its deadline is that of the block, or later
// where the plugin says that the act takes longer.
func (t *target) Execute(ctx context.Context, request sdk.Request) (result sdk.Result, err error) {
	limit := max(t.plugin.spec.Timeout, time.Duration(t.actTakes.Load())+executeBeyond)
	err = downError(t.plugin.kept.DoFor(ctx, limit, func(ctx context.Context, c *wire.Client) (err error) {
		result, err = c.Execute(ctx, t.json, request)
		return err
	}))
	return result, err
}

type logSource struct {
	plugin *Plugin
	json   []byte
}

var _ monitor.LogSource = (*logSource)(nil)

// ReadLog follows the log through the plugin.
func (l *logSource) ReadLog(ctx context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	return downError(l.plugin.kept.Stream(ctx, func(ctx context.Context, c *wire.Client) error {
		return c.ReadLog(ctx, l.json, from, send)
	}))
}

// AskWithin bounds a question to a plugin that contacts an engine.
const AskWithin = 30 * time.Second

// Targets are the targets that an action's plugin finds at present, changed by
// nobody. The plugin was opened and configured, and need not be kept up.
func (p *Plugin) Targets(ctx context.Context, within time.Duration) (all []sdk.FoundTarget, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err = p.kept.Ask(ctx, func(ctx context.Context, c *wire.Client) error {
		return c.WatchTargets(ctx, true, func(item sdk.TargetItem) error {
			if found, ok := item.(sdk.FoundTarget); ok {
				all = append(all, found)
			}
			return nil
		})
	})
	return all, err
}
