package plugin

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Set is the plugins of one configuration.
type Set struct {
	mu      sync.Mutex
	plugins map[*config.PluginBlock]*Plugin
	// fresh are those that were started for this set.
	fresh   []*Plugin
	targets map[targetKey][]byte
	secrets []string
}

// targetKey is a monitor's target as one plugin reads it.
type targetKey struct {
	monitor *config.Monitor
	block   *config.PluginBlock
}

func newSet() *Set {
	return &Set{plugins: map[*config.PluginBlock]*Plugin{}, targets: map[targetKey][]byte{}}
}

// Plugin is the plugin of a block; nil where it could not be opened.
func (s *Set) Plugin(block *config.PluginBlock) *Plugin {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plugins[block]
}

// TargetJSON is the target block of a monitor as the plugin of a block takes it.
func (s *Set) TargetJSON(m *config.Monitor, block *config.PluginBlock) []byte {
	return s.targets[targetKey{m, block}]
}

// Secrets are the values of the configuration that plugins call sensitive.
func (s *Set) Secrets() []string { return slices.Clone(s.secrets) }

func (s *Set) addFresh(block *config.PluginBlock, p *Plugin) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plugins[block] = p
	s.fresh = append(s.fresh, p)
}

func (s *Set) addReused(block *config.PluginBlock, p *Plugin) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plugins[block] = p
}

func (s *Set) addTarget(m *config.Monitor, block *config.PluginBlock, json []byte) {
	s.targets[targetKey{m, block}] = json
}

func (s *Set) addSecrets(secrets []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets = append(s.secrets, secrets...)
}

// merge takes the plugins of another set over.
func (s *Set) merge(other *Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for block, p := range other.plugins {
		s.plugins[block] = p
	}
}

// find is a plugin whose process is the one that the spec asks for; nil for none.
func (s *Set) find(spec supervisor.Spec) *Plugin {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.plugins {
		if p.configJSON != nil && p.sameProcess(spec) {
			return p
		}
	}
	return nil
}

// Start keeps the plugins up that were started for this set.
func (s *Set) Start() {
	for _, p := range s.fresh {
		p.start()
	}
}

// Configure configures the plugins, for questions that are put to them without
// Start.
func (s *Set) Configure(ctx context.Context) config.Diagnostics {
	var all config.Diagnostics
	for block, p := range s.plugins {
		if p.configured || p.configJSON == nil {
			continue
		}
		var said []sdk.Diagnostic
		err := p.kept.Ask(ctx, func(ctx context.Context, c *wire.Client) (err error) {
			said, err = c.Configure(ctx, p.configJSON)
			return err
		})
		if err != nil {
			all = append(all, config.Diagnostic{Severity: config.SeverityError, Position: block.Position, Summary: fmt.Sprintf("%s: configure: %v", block, err)})
			continue
		}
		all = append(all, block.ExplainConfig(p.config, said)...)
		p.configured = true
	}
	return all.Sorted()
}

// Close ends the plugins of the set but for those that others use too, and waits
// for them. An act that is under way is waited for.
func (s *Set) Close(others ...*Set) {
	var closing sync.WaitGroup
	for _, p := range s.all() {
		if !slices.ContainsFunc(others, func(other *Set) bool { return slices.Contains(other.all(), p) }) {
			closing.Go(p.close)
		}
	}
	closing.Wait()
}

// all are the plugins of the set, each once.
func (s *Set) all() []*Plugin {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Plugin
	for _, p := range s.plugins {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// Uses says whether two sets use the same plugin for two blocks.
func (s *Set) Uses(block *config.PluginBlock, other *Set, otherBlock *config.PluginBlock) bool {
	p := s.Plugin(block)
	return p != nil && p == other.Plugin(otherBlock)
}
