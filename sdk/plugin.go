package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// plugin is what all kinds have in common: it serves the Plugin service.
type plugin struct {
	pluginv1.UnimplementedPluginServer
	info   Info
	value  any
	target any
	logger *slog.Logger
	// register adds the services of the plugin's kind to a server.
	register func(*grpc.Server)
	// ctx is done when the process ends.
	ctx context.Context
	// settled is called when the plugin has started; nil for nothing.
	settled func()

	mu sync.Mutex
	// taken is the configuration in use, nil until there is one.
	taken *taken
}

// taken is a configuration that was taken into use. found holds why the plugin
// could not start with it; Start is called once, so that this is for good.
type taken struct {
	json  []byte
	found []Diagnostic
}

// newPlugin wraps an author's value. target is a pointer to the struct of a
// target, nil for the kinds that have none. It panics where a struct cannot be
// described: an author's mistake, found at the first start.
func newPlugin(info Info, value, target any) *plugin {
	p := &plugin{info: info, value: value, target: target, ctx: context.Background(), logger: slog.Default()}
	mustSchema(p.config())
	mustSchema(target)
	return p
}

// config is the author's struct, nil where the plugin takes no config.
func (p *plugin) config() any {
	if c, ok := p.value.(Configurable); ok {
		return c.Config()
	}
	return nil
}

// mustSchema describes a struct that can be described; nil has nothing in it.
func mustSchema(of any) Schema {
	if of == nil {
		return Schema{}
	}
	schema, err := schemaOf(of)
	if err != nil {
		panic(fmt.Sprintf("sdk: describe %T: %v", of, err))
	}
	return schema
}

// GetInfo says who the plugin is.
func (p *plugin) GetInfo(context.Context, *pluginv1.GetInfoRequest) (*pluginv1.GetInfoResponse, error) {
	return infoTo(p.info), nil
}

// GetSchema publishes what config and target may hold.
func (p *plugin) GetSchema(context.Context, *pluginv1.GetSchemaRequest) (*pluginv1.GetSchemaResponse, error) {
	return &pluginv1.GetSchemaResponse{Config: schemaTo(mustSchema(p.config())), Target: schemaTo(mustSchema(p.target))}, nil
}

// ValidateConfig judges fresh copies.
func (p *plugin) ValidateConfig(_ context.Context, r *pluginv1.ValidateConfigRequest) (*pluginv1.ValidateConfigResponse, error) {
	var said []Diagnostic
	var takes time.Duration
	if len(r.GetConfigJson()) > 0 {
		config, found := decodeNew(p.config(), r.GetConfigJson())
		said = append(said, found...)
		if timer, ok := config.(ActTimer); ok && len(found) == 0 {
			takes = timer.ActTakes()
		}
	}
	if len(r.GetTargetJson()) > 0 {
		_, found := decodeNew(p.target, r.GetTargetJson())
		for _, d := range found {
			d.InTarget = true
			said = append(said, d)
		}
	}
	return &pluginv1.ValidateConfigResponse{Diagnostics: diagnosticsTo(said), ActTakes: lengthTo(takes)}, nil
}

// Configure fills the author's struct and starts the plugin. A second call with
// the same config gives the answer of the first.
func (p *plugin) Configure(_ context.Context, r *pluginv1.ConfigureRequest) (*pluginv1.ConfigureResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	config := r.GetConfigJson()
	if len(config) == 0 {
		config = []byte("{}")
	}
	if p.taken != nil && !bytes.Equal(p.taken.json, config) {
		return nil, NewError(codes.FailedPrecondition, errors.New("configured already; another config needs another process"), 0)
	}
	if p.taken == nil {
		if found := p.takeConfig(config); p.taken == nil {
			return &pluginv1.ConfigureResponse{Diagnostics: diagnosticsTo(found)}, nil
		}
	}
	return &pluginv1.ConfigureResponse{Diagnostics: diagnosticsTo(p.taken.found)}, nil
}

// takeConfig takes a configuration into use. What it returns is wrong with the
// configuration, which is then not taken.
func (p *plugin) takeConfig(data []byte) []Diagnostic {
	config := p.config()
	fresh, found := decodeNew(config, data)
	if len(found) > 0 {
		return found
	}
	if config != nil {
		assign(config, fresh)
	}
	p.taken = &taken{json: bytes.Clone(data), found: []Diagnostic{{Summary: "the plugin panicked at its start"}}}
	var err error
	if starter, ok := p.value.(Starter); ok {
		err = starter.Start(p.ctx)
	}
	p.taken.found = Diagnostics(err)
	if p.settled != nil {
		p.settled()
	}
	return nil
}

// ready is an error until the plugin is configured. One that needs no
// configuration takes its defaults at the first call.
func (p *plugin) ready() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == nil && !p.mustBeConfigured() {
		p.takeConfig([]byte("{}"))
	}
	switch {
	case p.taken == nil:
		return NewError(codes.FailedPrecondition, errors.New("not configured yet"), 0)
	case len(p.taken.found) > 0:
		return NewError(codes.FailedPrecondition, errors.New("not started: "+p.taken.found[0].Summary), 0)
	}
	return nil
}

func (p *plugin) mustBeConfigured() bool {
	_, starts := p.value.(Starter)
	return starts || needsAnything(mustSchema(p.config()))
}

// close gives the author's value the chance to clean up.
func (p *plugin) close() {
	closer, ok := p.value.(io.Closer)
	if !ok {
		return
	}
	if err := closer.Close(); err != nil {
		p.logger.Warn("clean-up failed", "error", err)
	}
}
