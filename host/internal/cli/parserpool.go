package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// parserPool shares log parsers among tests: one process serves all that name
// the same plugin with the same config.
type parserPool struct {
	supervisor *supervisor.Supervisor
	// schemas are by plugin, ready by plugin and config.
	schemas map[string]sdk.Schema
	ready   map[string]trace.Parser
	stops   []func()
}

func newParserPool(s *supervisor.Supervisor) *parserPool {
	return &parserPool{supervisor: s, schemas: map[string]sdk.Schema{}, ready: map[string]trace.Parser{}}
}

// stop ends the processes.
func (p *parserPool) stop() {
	for _, stop := range p.stops {
		stop()
	}
}

// parser is a parser for one block. The diagnostics are what is wrong with the
// block; the error is a failure of the process.
func (p *parserPool) parser(ctx context.Context, block *config.PluginBlock, dirs []string) (trace.Parser, config.Diagnostics, error) {
	path, err := supervisor.Lookup(block.Plugin, dirs)
	if err != nil {
		return nil, refused(block, err), nil
	}
	spec := supervisor.Spec{Block: block.String(), Path: path, Env: block.Env, MTLS: block.MTLS, SHA256: block.SHA256,
		Timeout: block.Timeout, Kind: block.Kind, Position: block.Position.String()}
	plugin := fmt.Sprintf("%q %q %v %s", path, block.Env, block.MTLS, block.SHA256)
	var client *wire.Client
	schema, known := p.schemas[plugin]
	if !known {
		if client, schema, err = p.start(ctx, spec); err != nil {
			return nil, refused(block, err), nil
		}
		p.schemas[plugin] = schema
	}
	json, found := block.DecodeConfig(schema)
	if found.HasErrors() {
		return nil, found, nil
	}
	key := fmt.Sprintf("%s %s", plugin, json)
	if parser := p.ready[key]; parser != nil {
		return parser, found, nil
	}
	if client == nil {
		if client, _, err = p.start(ctx, spec); err != nil {
			return nil, refused(block, err), nil
		}
	}
	said, err := client.ValidateConfig(ctx, json, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: have it check its config: %w", block, err)
	}
	found = slices.Concat(found, block.ExplainConfig(schema, said))
	if found.HasErrors() {
		return nil, found, nil
	}
	if _, err := client.Configure(ctx, json); err != nil {
		return nil, nil, fmt.Errorf("%s: configure: %w", block, err)
	}
	p.ready[key] = &traceParser{client: client}
	return p.ready[key], found, nil
}

func (p *parserPool) start(ctx context.Context, spec supervisor.Spec) (*wire.Client, sdk.Schema, error) {
	client, stop, err := p.supervisor.Start(ctx, spec)
	if err != nil {
		return nil, sdk.Schema{}, err
	}
	p.stops = append(p.stops, stop)
	schema, _, err := client.Schema(ctx)
	if err != nil {
		err = fmt.Errorf("ask for its schema: %w", err)
	}
	return client, schema, err
}

// refused is an error about a plugin block as a whole.
func refused(block *config.PluginBlock, err error) config.Diagnostics {
	return config.Diagnostics{{Severity: config.SeverityError, Position: block.Position, Summary: fmt.Sprintf("%s: %v", block, err)}}
}
