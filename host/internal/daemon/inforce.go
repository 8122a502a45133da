package daemon

import (
	"context"
	"log/slog"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/redact"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
)

// InForce is a configuration as it is in force. Its plugins are started for what
// they say about their own blocks, and contact nothing. What is
// secret of it is hidden.
func InForce(ctx context.Context, c *config.Config) ([]config.InForce, config.Diagnostics, error) {
	plugins, err := supervisor.New("", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	defer plugins.Close()
	set, found := NewOpener(plugins).Open(ctx, c)
	defer set.Close()
	all := c.InForce(func(b *config.PluginBlock) (config, target sdk.Schema, ok bool) {
		p := set.Plugin(b)
		if p == nil {
			return config, target, false
		}
		return p.Schemas()
	})
	redactor := redact.New(set.Secrets()...)
	for i := range all {
		all[i].Redact(redactor.Text)
	}
	return all, found, nil
}
