package execaction

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// Version is the version of the plugin.
const Version = "0.1.0"

// Main serves the plugin until the host ends it.
func Main() { sdk.ServeAction(info(), newPlugin()) }

func info() sdk.Info {
	return sdk.Info{
		Name:        "exec-action",
		Version:     Version,
		Description: "runs commands to inspect a target, to restart it and to read its log",
		Examples: []sdk.Example{
			{Name: "absent", Config: `{"act":["false"],"inspect":["false"],"absent_on":["1"],"log_follow":["false"]}`, Target: `{"name":"headwatch-example"}`, Missing: true},
			{Name: "shell", Config: `{"act":["exit 1"],"inspect":["echo '{\"exists\": false}'"],"shell":true}`, Target: `{"name":"headwatch-example","values":{"namespace":"none"}}`, Missing: true},
		},
	}
}

// plugin is what the host talks to.
type plugin struct {
	config    Config
	forks     forker
	claims    claims
	actLocks  actLocks
	observers runObservers
	// grace is how long a command that took too long has to end by itself.
	grace time.Duration
}

var (
	_ sdk.Configurable   = (*plugin)(nil)
	_ sdk.Starter        = (*plugin)(nil)
	_ io.Closer          = (*plugin)(nil)
	_ sdk.Action[Target] = (*plugin)(nil)
)

func newPlugin() *plugin { return &plugin{grace: killGrace} }

// Config returns the config block to fill.
func (p *plugin) Config() any { return &p.config }

// Start looks for the programs of the commands, so that one that is missing or
// that others may write is told at its place in the file.
func (p *plugin) Start(ctx context.Context) error {
	p.forks = newForker(ctx)
	p.claims = newClaims(p.config.StateDir)
	for _, each := range []struct {
		name string
		list []string
	}{{"act", p.config.Act}, {"inspect", p.config.Inspect}, {"log_read", p.config.LogRead}, {"log_follow", p.config.LogFollow}} {
		if len(each.list) == 0 || p.config.Shell {
			continue
		}
		c := command{argv: each.list[:1], env: p.config.environment(Target{}, nil)}
		if _, err := c.program(); err != nil {
			return sdk.AttributeError(err, "PATH of the commands: "+c.variable(variablePath), each.name, strconv.Itoa(0))
		}
	}
	return nil
}

// Close waits for the thread that starts commands, which ends with the plugin.
func (p *plugin) Close() error {
	if p.forks.ended != nil {
		<-p.forks.ended
	}
	return nil
}

// Inspect reports the target's state, as the inspect command tells it.
func (p *plugin) Inspect(ctx context.Context, t Target) (sdk.State, error) {
	return p.inspect(ctx, t)
}
