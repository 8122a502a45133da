package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/record"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// checkDeadline bounds what the plugins are asked before they are used: it
// contacts nothing and must be quick.
const checkDeadline = 20 * time.Second

// prepared is a configuration of which each plugin has accepted its part.
type prepared struct {
	config *config.Config
	specs  map[*config.PluginBlock]supervisor.Spec
	// targets are the target blocks as JSON, as each plugin that reads them
	// takes them.
	targets map[targetOf][]byte
	// secrets are the values that plugins call sensitive.
	secrets []string
}

// targetOf is a monitor's target as one plugin reads it.
type targetOf struct {
	monitor *config.Monitor
	plugin  *config.PluginBlock
}

// preparer asks plugins about the parts of a configuration that are theirs. It
// starts each of them for that and ends it again.
type preparer struct {
	config     *config.Config
	supervisor *supervisor.Supervisor
	dirs       []string
	// attached are plugins that run already.
	attached supervisor.Attachments

	mu     sync.Mutex
	result prepared
	asked  map[*config.PluginBlock]*askedPlugin
	found  config.Diagnostics
}

// askedPlugin is a plugin that runs to be asked.
type askedPlugin struct {
	client         *wire.Client
	stop           func()
	config, target sdk.Schema
}

// prepare checks a configuration through its plugins: of those in use, each is
// started once. Only the given kinds are asked; none means all.
func prepare(ctx context.Context, c *config.Config, s *supervisor.Supervisor, kinds ...sdk.Kind) (*prepared, config.Diagnostics) {
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	p := &preparer{config: c, supervisor: s, dirs: pluginDirs(c.Host), asked: map[*config.PluginBlock]*askedPlugin{}}
	p.result = prepared{config: c, specs: map[*config.PluginBlock]supervisor.Spec{}, targets: map[targetOf][]byte{}}
	defer p.stop()
	attached, err := supervisor.ParseAttachments(environment(wire.ReattachVariable, ""))
	if err != nil {
		p.add(config.Diagnostic{Severity: config.SeverityError, Position: config.Position{File: wire.ReattachVariable}, Summary: err.Error(),
			Hint: "It is what a plugin prints that was started with --debug."})
	}
	p.attached = attached
	var asking sync.WaitGroup
	for _, block := range c.Plugins {
		if len(kinds) == 0 || slices.Contains(kinds, block.Kind) {
			asking.Go(func() { p.ask(ctx, block) })
		}
	}
	asking.Wait()
	if len(kinds) == 0 {
		p.askTargets(ctx)
	}
	return &p.result, p.found.Sorted()
}

// stop ends the plugins that were asked, all at once.
func (p *preparer) stop() {
	var stopping sync.WaitGroup
	for _, asked := range p.asked {
		stopping.Go(asked.stop)
	}
	stopping.Wait()
}

// pluginDirs are the folders that plugins are looked up in.
func pluginDirs(host config.Host) []string {
	if len(host.PluginDirs) > 0 {
		return host.PluginDirs
	}
	executable, err := os.Executable()
	if err != nil {
		return []string{"plugins"}
	}
	return []string{filepath.Join(filepath.Dir(executable), "plugins")}
}

func (p *preparer) add(ds ...config.Diagnostic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found = append(p.found, ds...)
}

// refuse notes an error about a plugin block as a whole.
func (p *preparer) refuse(block *config.PluginBlock, hint string, err error) {
	p.add(config.Diagnostic{Severity: config.SeverityError, Position: block.Position, Summary: fmt.Sprintf("%s: %v", block, err), Hint: hint})
}

// spec is a block for the supervisor, as yet without its config.
func (p *preparer) spec(block *config.PluginBlock) (supervisor.Spec, error) {
	spec := supervisor.Spec{Block: block.String(), Path: block.Plugin, Env: block.Env, MTLS: block.MTLS, SHA256: block.SHA256,
		Timeout: block.Timeout, Kind: block.Kind, Position: block.Position.String()}
	if spec.Attached = p.attached.For(spec.Block, block.Plugin); spec.Attached != nil {
		return spec, nil
	}
	var err error
	spec.Path, err = supervisor.Lookup(block.Plugin, p.dirs)
	return spec, err
}

// ask starts the plugin of one block, without a connection to keep, and has it
// judge the block and the targets of the monitors that use it.
func (p *preparer) ask(ctx context.Context, block *config.PluginBlock) {
	spec, err := p.spec(block)
	if err != nil {
		p.refuse(block, "", err)
		return
	}
	client, stop, err := p.supervisor.Start(ctx, spec)
	if err != nil {
		p.refuse(block, "", err)
		return
	}
	asked := &askedPlugin{client: client, stop: stop}
	p.mu.Lock()
	p.asked[block] = asked
	p.mu.Unlock()
	if asked.config, asked.target, err = client.Schema(ctx); err != nil {
		p.refuse(block, "", fmt.Errorf("ask for its schema: %w", err))
		return
	}
	json, found := block.DecodeConfig(asked.config)
	p.add(found...)
	if found.HasErrors() {
		return
	}
	said, err := client.ValidateConfig(ctx, json, nil)
	if err != nil {
		p.refuse(block, "", fmt.Errorf("have it check its config: %w", err))
		return
	}
	p.add(block.ExplainConfig(asked.config, said)...)
	spec.ConfigJSON = json
	p.mu.Lock()
	p.result.specs[block] = spec
	p.result.secrets = append(p.result.secrets, record.Secrets(asked.config, json)...)
	p.mu.Unlock()
}

// askTargets has the plugins judge the targets of the monitors: the action, and
// the log source where that is another one.
func (p *preparer) askTargets(ctx context.Context) {
	for _, m := range p.config.Monitors {
		readers := []*config.PluginBlock{m.Action}
		if m.Logs.From != m.Action {
			readers = append(readers, m.Logs.From)
		}
		for i, block := range readers {
			asked, other := p.asked[block], p.asked[readers[len(readers)-1-i]]
			if asked != nil && other != nil {
				p.askTarget(ctx, m, block, asked, other.target)
			}
		}
	}
}

func (p *preparer) askTarget(ctx context.Context, m *config.Monitor, block *config.PluginBlock, asked *askedPlugin, other sdk.Schema) {
	json, found := m.DecodeTarget(asked.target, other)
	p.add(found...)
	if found.HasErrors() {
		return
	}
	said, err := asked.client.ValidateConfig(ctx, nil, json)
	if err != nil {
		p.refuse(block, "", fmt.Errorf("have it check the target of monitor %q: %w", m.Name, err))
		return
	}
	p.add(m.ExplainTarget(asked.target, said)...)
	p.result.targets[targetOf{m, block}] = json
	p.result.secrets = append(p.result.secrets, record.Secrets(asked.target, json)...)
}

// load reads the configuration and reports all that is wrong with the text.
func load(path string) (*config.Config, config.Diagnostics, error) {
	if path == "" {
		return nil, nil, usageError{errors.New("no configuration: give --config FILE or set HEADWATCH_CONFIG")}
	}
	c, found := config.Load(path, os.LookupEnv)
	return c, found, nil
}

// report writes diagnostics for people. Its error ends the command.
func report(s streams, found config.Diagnostics) error {
	if err := found.WriteText(s.err); err != nil {
		return err
	}
	if found.HasErrors() {
		return usageError{errReported}
	}
	return nil
}

// discard is a log for commands that print their result only.
func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
