package daemon

import (
	"slices"
	"strings"

	"github.com/headwatch/headwatch/host/internal/config"
)

// banner says what is in force, but for the monitors that stay as they are.
func (d *Daemon) banner(stays []string, reloaded bool) {
	c, mode := d.current.config, "restarts by the rules"
	switch {
	case c.Host.DryRun:
		mode = "dry run: restarts nothing"
	case d.unkept != "":
		mode = "restarts nothing: " + d.unkept
	}
	message := "headwatch starts"
	if reloaded {
		message = "the new configuration is in force"
	}
	d.Logger.Info(message, "version", d.Version, "commit", d.Commit, "config", d.ConfigPath, "mode", mode)
	for _, m := range c.Monitors {
		if slices.Contains(stays, m.Name) {
			continue
		}
		var sources []string
		for _, block := range m.Heads {
			sources = append(sources, block.String())
		}
		attrs := []any{"monitor", m.Name, "interval", m.Interval, "target", m.Settings.Name, "heads", strings.Join(sources, ",")}
		if m.Node != nil {
			attrs = append(attrs, "node", m.Node.String())
		}
		if m.Parser != nil {
			attrs = append(attrs, "parser", m.Parser.String())
		}
		d.Logger.Info("watching", append(attrs, "action", m.Action.String(), "thresholds", strings.Join(m.Thresholds(), "; "))...)
	}
	if c.Record != nil {
		d.Logger.Info("recording", "dir", c.Record.Dir, "log", logWord(c.Record), "max_size", c.Record.MaxSize, "max_age", c.Record.MaxAge)
	}
}

func logWord(r *config.Record) string {
	if r.Lines {
		return "lines"
	}
	return "events"
}
