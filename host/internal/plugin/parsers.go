package plugin

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
)

// Parsers are the log parsers of replays. Blocks of several configurations that
// come to the same process and config share one.
type Parsers struct {
	supervisor *supervisor.Supervisor
	opener     Opener
	opened     *Set
}

// NewParsers returns parsers of which none is started yet; set are variables that
// they see besides, as NAME=value.
func NewParsers(set ...string) (*Parsers, error) {
	s, err := supervisor.New("", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	opened := newSet()
	return &Parsers{supervisor: s, opened: opened, opener: Opener{Supervisor: s, Kinds: []sdk.Kind{sdk.KindLogParser}, Running: opened, Set: set}}, nil
}

// Parser is the parser of a block, configured; without one the diagnostics say why.
// For no block it is one of a log that is not read.
func (p *Parsers) Parser(ctx context.Context, host config.Host, block *config.PluginBlock) (trace.Parser, config.Diagnostics) {
	if block == nil {
		return trace.NoLog{}, nil
	}
	set, found := p.opener.Open(ctx, &config.Config{Host: host, Plugins: []*config.PluginBlock{block}})
	p.opened.merge(set)
	if found.HasErrors() {
		return nil, found
	}
	found = append(found, set.Configure(ctx)...)
	opened := set.Plugin(block)
	if found.HasErrors() {
		return nil, found
	}
	return opened.TraceParser(), found
}

// TraceMonitors are the monitors of a configuration as a replay takes them. Where
// a parser cannot be had the diagnostics say why.
func (p *Parsers) TraceMonitors(ctx context.Context, c *config.Config) ([]trace.Monitor, config.Diagnostics) {
	var monitors []trace.Monitor
	var all config.Diagnostics
	for _, m := range c.Monitors {
		parser, found := p.Parser(ctx, c.Host, m.Parser)
		all = append(all, found...)
		monitors = append(monitors, TraceMonitor(m, parser))
	}
	return monitors, all.Sorted()
}

// TraceMonitor is a monitor as a replay takes it.
func TraceMonitor(m *config.Monitor, parser trace.Parser) trace.Monitor {
	return trace.Monitor{Name: m.Name, Settings: m.Settings, Parser: parser, Sources: m.HeadNames()}
}

// Close ends the parsers.
func (p *Parsers) Close() error {
	p.opened.Close()
	if err := p.supervisor.Close(); err != nil {
		return fmt.Errorf("end the parsers: %w", err)
	}
	return nil
}
