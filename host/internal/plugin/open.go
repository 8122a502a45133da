package plugin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/observe"
	"github.com/headwatch/headwatch/host/internal/redact"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// openWithin bounds the opening of all blocks of a configuration: it contacts
// nothing and must be quick.
const openWithin = 20 * time.Second

// Opener opens the plugin blocks of configurations.
type Opener struct {
	Supervisor *supervisor.Supervisor
	// Kinds are those that are opened; none means all, and the targets of the
	// monitors with them.
	Kinds []sdk.Kind
	// Running are the plugins that run already. A block that comes to the same
	// process and config uses it again.
	Running *Set
	// Set are variables that the plugins see besides, as NAME=value.
	Set []string
	// StateDir is the host's state folder: each action has a folder of its own in
	// it. Where it is empty none has.
	StateDir string
	// Reattach is the value of HEADWATCH_REATTACH: plugins that somebody else
	// started.
	Reattach string
}

// opening is one configuration whose blocks are being opened.
type opening struct {
	*Opener
	set      *Set
	dirs     []string
	attached supervisor.Attachments

	mu    sync.Mutex
	found config.Diagnostics
}

// Open opens the plugin blocks of a configuration, and has the plugins judge the
// targets of its monitors. It may be incomplete where there are errors among the
// diagnostics. The set has to be closed in any case.
func (o *Opener) Open(ctx context.Context, c *config.Config) (*Set, config.Diagnostics) {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	work := &opening{Opener: o, set: newSet(), dirs: Dirs(c.Host)}
	var err error
	if work.attached, err = supervisor.ParseAttachments(o.Reattach); err != nil {
		work.add(config.Diagnostic{Severity: config.SeverityError, Position: config.Position{File: wire.ReattachVariable}, Summary: err.Error(),
			Hint: "It is what a plugin prints that was started with --debug."})
	}
	var blocks sync.WaitGroup
	for _, block := range c.Plugins {
		if len(o.Kinds) == 0 || slices.Contains(o.Kinds, block.Kind) {
			blocks.Go(func() { work.openBlock(ctx, block) })
		}
	}
	blocks.Wait()
	if len(o.Kinds) == 0 {
		for _, m := range c.Monitors {
			work.openTargets(ctx, m)
		}
	}
	return work.set, work.found.Sorted()
}

// Dirs are the folders that plugins are looked up in.
func Dirs(host config.Host) []string {
	if len(host.PluginDirs) > 0 {
		return host.PluginDirs
	}
	executable, err := os.Executable()
	if err != nil {
		return []string{"plugins"}
	}
	return []string{filepath.Join(filepath.Dir(executable), "plugins")}
}

func (o *opening) add(ds ...config.Diagnostic) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.found = append(o.found, ds...)
}

// refuse notes an error about a plugin block as a whole.
func (o *opening) refuse(block *config.PluginBlock, err error) {
	o.add(config.Diagnostic{Severity: config.SeverityError, Position: block.Position, Summary: fmt.Sprintf("%s: %v", block, err)})
}

// spec is a block for the supervisor, as yet without its config.
func (o *opening) spec(block *config.PluginBlock) (supervisor.Spec, error) {
	spec := supervisor.Spec{Block: block.String(), Path: block.Plugin, Env: block.Env, Set: o.Set, MTLS: block.MTLS, SHA256: block.SHA256,
		Timeout: block.Timeout, Kind: block.Kind, Position: block.Position.String()}
	if spec.Attached = o.attached.For(spec.Block, block.Plugin); spec.Attached != nil {
		return spec, nil
	}
	if block.Kind == sdk.KindAction && o.StateDir != "" {
		spec.Set = append(slices.Clone(spec.Set), wire.PluginStateVariable+"="+filepath.Join(o.StateDir, "plugins", spec.Block))
	}
	var err error
	spec.Path, err = supervisor.Lookup(block.Plugin, o.dirs)
	return spec, err
}

// openBlock opens one block: it uses a plugin that runs already, or starts one.
func (o *opening) openBlock(ctx context.Context, block *config.PluginBlock) {
	spec, err := o.spec(block)
	if err != nil {
		o.refuse(block, err)
		return
	}
	if o.reuse(spec, block) {
		return
	}
	p, err := o.start(ctx, spec, block)
	if err != nil {
		o.refuse(block, err)
		return
	}
	json, found := block.DecodeConfig(p.config)
	o.add(found...)
	if found.HasErrors() {
		return
	}
	said, err := p.validate(ctx, json, nil)
	if err != nil {
		o.refuse(block, fmt.Errorf("have it check its config: %w", err))
		return
	}
	o.add(block.ExplainConfig(p.config, said)...)
	o.checkTimeout(ctx, p, block, json)
	p.configJSON = json
	p.kept.SetConfig(json)
	o.set.addSecrets(redact.Secrets(p.config, json))
}

// checkTimeout warns of a deadline that is shorter than what an act takes.
func (o *opening) checkTimeout(ctx context.Context, p *Plugin, block *config.PluginBlock, json []byte) {
	if block.Kind != sdk.KindAction {
		return
	}
	var takes time.Duration
	err := p.kept.Ask(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		takes, err = c.ActTakes(ctx, json)
		return err
	})
	if err == nil && takes > block.Timeout {
		o.add(config.Diagnostic{Severity: config.SeverityWarning, Position: block.Position,
			Summary: fmt.Sprintf("%s: timeout %s is shorter than an act may take, %s", block, block.Timeout, takes),
			Hint:    fmt.Sprintf("Write timeout = %q.", takes.Round(time.Second))})
	}
}

// reuse takes a plugin over that runs already with the same process and config.
func (o *opening) reuse(spec supervisor.Spec, block *config.PluginBlock) bool {
	p := o.Running.find(spec)
	if p == nil {
		return false
	}
	json, found := block.DecodeConfig(p.config)
	if found.HasErrors() || string(json) != string(p.configJSON) {
		return false
	}
	o.add(found...)
	o.set.addReused(block, p)
	o.set.addSecrets(redact.Secrets(p.config, json))
	return true
}

// start starts a plugin and asks for its schema.
func (o *opening) start(ctx context.Context, spec supervisor.Spec, block *config.PluginBlock) (*Plugin, error) {
	file := identify(spec.Path)
	kept, err := o.Supervisor.Open(ctx, spec)
	if err != nil {
		return nil, err
	}
	p := &Plugin{spec: spec, file: file, kept: kept, unknown: observe.NewUnknown(kept.Logger())}
	if block.Kind == sdk.KindHeadSource {
		p.head = newSharedHead(p)
	}
	o.set.addFresh(block, p)
	err = kept.Ask(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		p.config, p.target, err = c.Schema(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask for its schema: %w", err)
	}
	p.described = true
	return p, nil
}

// validate has the plugin judge a config or a target block.
func (p *Plugin) validate(ctx context.Context, configJSON, targetJSON []byte) (said []sdk.Diagnostic, err error) {
	err = p.kept.Ask(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		said, err = c.ValidateConfig(ctx, configJSON, targetJSON)
		return err
	})
	return said, err
}

// openTargets has the plugins judge the target of a monitor: the action, and the
// log source where that is another one.
func (o *opening) openTargets(ctx context.Context, m *config.Monitor) {
	readers := []*config.PluginBlock{m.Action}
	if m.Logs.From != nil && m.Logs.From != m.Action {
		readers = append(readers, m.Logs.From)
	}
	for i, block := range readers {
		p, other := o.set.Plugin(block), o.set.Plugin(readers[len(readers)-1-i])
		if p == nil || other == nil {
			continue
		}
		json, found := m.DecodeTarget(p.target, other.target)
		o.add(found...)
		if found.HasErrors() {
			continue
		}
		said, err := p.validate(ctx, nil, json)
		if err != nil {
			o.refuse(block, fmt.Errorf("have it check the target of monitor %q: %w", m.Name, err))
			continue
		}
		o.add(m.ExplainTarget(p.target, said)...)
		o.set.addTarget(m, block, json)
		o.set.addSecrets(redact.Secrets(p.target, json))
	}
}
