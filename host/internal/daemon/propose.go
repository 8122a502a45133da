package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/proposal"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
)

// Propose looks at the engine's containers through the action that a proposal names,
// and proposes a configuration of the given name for the nodes among them. Nothing
// is changed. The diagnostics say what is wrong with the proposal, such as a plugin
// that is missing.
func Propose(ctx context.Context, name string) (*proposal.Proposal, config.Diagnostics, error) {
	targets, err := findTargets(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("look at the engine's containers: %w", err)
	}
	p := proposal.New(targets)
	if len(p.Nodes) == 0 {
		return p, nil, nil
	}
	c, found := config.Parse(name, []byte(p.Text), os.LookupEnv)
	more, err := Judge(ctx, c)
	return p, append(found, more...).Sorted(), err
}

// findTargets asks the plugin of the proposed action which targets there are.
func findTargets(ctx context.Context) ([]sdk.FoundTarget, error) {
	// There is no monitor in it, and its plugin can be asked all the same.
	c, _ := config.Parse("init", []byte(proposal.Action), os.LookupEnv)
	plugins, err := supervisor.New("", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer plugins.Close()
	opener := NewOpener(plugins)
	opener.Kinds = []sdk.Kind{sdk.KindAction}
	set, found := opener.Open(ctx, c)
	defer set.Close()
	found = append(found, set.Configure(ctx)...)
	if err := found.Err(); err != nil {
		return nil, err
	}
	return set.Plugin(c.Plugins[0]).Targets(ctx, plugin.AskWithin)
}
