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
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
)

// checkDeadline bounds what the plugins are asked before they are used: it
// contacts nothing and must be quick.
const checkDeadline = 20 * time.Second

// prepared is a configuration of which each plugin has accepted its part.
type prepared struct {
	config *config.Config
	specs  map[*config.PluginBlock]supervisor.Spec
	// targets are the target blocks as JSON.
	targets map[*config.Monitor][]byte
}

// preparer asks plugins about the parts of a configuration that are theirs. It
// starts each of them for that and ends it again.
type preparer struct {
	config     *config.Config
	supervisor *supervisor.Supervisor
	dirs       []string

	mu      sync.Mutex
	result  prepared
	schemas map[*config.PluginBlock]schemas
	found   config.Diagnostics
}

type schemas struct{ config, target sdk.Schema }

// prepare checks a configuration through its plugins: of those in use, each is
// started once. Only the given kinds are asked; none means all.
func prepare(ctx context.Context, c *config.Config, s *supervisor.Supervisor, kinds ...sdk.Kind) (*prepared, config.Diagnostics) {
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	p := &preparer{config: c, supervisor: s, dirs: pluginDirs(c.Host), schemas: map[*config.PluginBlock]schemas{}}
	p.result = prepared{config: c, specs: map[*config.PluginBlock]supervisor.Spec{}, targets: map[*config.Monitor][]byte{}}
	var asked sync.WaitGroup
	for _, block := range c.Plugins {
		if len(kinds) == 0 || slices.Contains(kinds, block.Kind) {
			asked.Go(func() { p.ask(ctx, block) })
		}
	}
	asked.Wait()
	return &p.result, p.found
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

// ask starts the plugin of one block, without a connection to keep, and has it
// judge the block and the targets of the monitors that use it.
func (p *preparer) ask(ctx context.Context, block *config.PluginBlock) {
	path, err := supervisor.Lookup(block.Plugin, p.dirs)
	if err != nil {
		p.refuse(block, "", err)
		return
	}
	spec := supervisor.Spec{Block: block.String(), Path: path, Env: block.Env, MTLS: block.MTLS, SHA256: block.SHA256,
		Timeout: block.Timeout, Kind: block.Kind, Position: block.Position.String()}
	client, stop, err := p.supervisor.Start(ctx, spec)
	if err != nil {
		p.refuse(block, "", err)
		return
	}
	defer stop()
	var asked schemas
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
	p.result.specs[block], p.schemas[block] = spec, asked
	p.mu.Unlock()
	p.askTargets(ctx, block, client, asked.target)
}

// targetChecker is the plugin's say on a target.
type targetChecker interface {
	ValidateConfig(ctx context.Context, config, target []byte) ([]sdk.Diagnostic, error)
}

// askTargets has an action judge the targets of its monitors. A log source of
// its own reads the same target.
func (p *preparer) askTargets(ctx context.Context, block *config.PluginBlock, client targetChecker, schema sdk.Schema) {
	for _, m := range p.config.Monitors {
		if m.Action != block {
			continue
		}
		json, found := m.DecodeTarget(schema)
		p.add(found...)
		if found.HasErrors() {
			continue
		}
		said, err := client.ValidateConfig(ctx, nil, json)
		if err != nil {
			p.refuse(block, "", fmt.Errorf("have it check the target of monitor %q: %w", m.Name, err))
			continue
		}
		p.add(m.ExplainTarget(schema, said)...)
		p.mu.Lock()
		p.result.targets[m] = json
		p.mu.Unlock()
	}
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
