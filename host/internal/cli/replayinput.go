package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// replaySources are the traces that paths stand for. What can be read only once
// is kept until the returned function is called.
func replaySources(stdin io.Reader, paths []string) ([]trace.Source, func(), error) {
	var sources []trace.Source
	var closes []func() error
	closeAll := func() {
		for _, c := range closes {
			c() // a temporary file that is gone already
		}
	}
	keep := func(name string, in io.Reader) error {
		source, done, err := trace.Spool(name, in)
		if err == nil {
			sources, closes = append(sources, source), append(closes, done)
		}
		return err
	}
	for _, path := range paths {
		if err := addSource(&sources, stdin, path, keep); err != nil {
			closeAll()
			return nil, nil, err
		}
	}
	return sources, closeAll, nil
}

// addSource adds what one path stands for. keep is for what can be read only
// once.
func addSource(sources *[]trace.Source, stdin io.Reader, path string, keep func(string, io.Reader) error) error {
	if path == "-" {
		return keep("standard input", stdin)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		pipe, err := os.Open(path)
		if err != nil {
			return err
		}
		defer pipe.Close()
		return keep(path, pipe)
	}
	files, err := trace.Files([]string{path})
	if err != nil {
		return err
	}
	for _, file := range files {
		if slices.ContainsFunc(*sources, func(s trace.Source) bool { return s.Name == file }) {
			continue // named twice, or by its folder too
		}
		source, err := trace.FileSource(file)
		if err != nil {
			return err
		}
		*sources = append(*sources, source)
	}
	return nil
}

// replayMonitors are the monitors of the first configuration with their parsers
// at work, each with what the second one makes of it. The returned function
// stops the parsers; it is never nil.
func replayMonitors(ctx context.Context, s streams, plugins *supervisor.Supervisor, configs []*config.Config) ([]trace.Monitor, func(), error) {
	pool := &replayParsers{plugins: plugins}
	var sides [][]trace.Monitor
	for _, c := range configs {
		ready, found := prepare(ctx, c, plugins, sdk.KindLogParser)
		if err := report(s, found); err != nil {
			return nil, pool.stop, err
		}
		side, err := pool.monitors(ctx, c, ready)
		if err != nil {
			return nil, pool.stop, err
		}
		sides = append(sides, side)
	}
	if len(sides) == 1 {
		return sides[0], pool.stop, nil
	}
	for i := range sides[0] {
		m := &sides[0][i]
		at := slices.IndexFunc(sides[1], func(old trace.Monitor) bool { return old.Name == m.Name })
		if at < 0 {
			continue
		}
		if m.Old = &sides[1][at]; m.Old.Parser == m.Parser {
			m.Old.Parser = nil // one pass through it serves both
		}
	}
	return sides[0], pool.stop, nil
}

// replayParsers are the log parsers at work. Blocks that come to the same share
// a process.
type replayParsers struct {
	plugins *supervisor.Supervisor
	started []*startedParser
}

type startedParser struct {
	spec   supervisor.Spec
	parser *traceParser
	end    func()
}

func (p *replayParsers) stop() {
	for _, started := range p.started {
		started.end()
	}
}

func (p *replayParsers) monitors(ctx context.Context, c *config.Config, ready *prepared) ([]trace.Monitor, error) {
	var monitors []trace.Monitor
	for _, m := range c.Monitors {
		parser, err := p.parser(ctx, m.Parser, ready.specs[m.Parser])
		if err != nil {
			return nil, err
		}
		monitors = append(monitors, trace.Monitor{Name: m.Name, Settings: m.Settings, Sources: sourceNames(m), Parser: parser})
	}
	return monitors, nil
}

func (p *replayParsers) parser(ctx context.Context, block *config.PluginBlock, spec supervisor.Spec) (*traceParser, error) {
	for _, started := range p.started {
		if sameParser(started.spec, spec) {
			return started.parser, nil
		}
	}
	client, end, err := p.plugins.Start(ctx, spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", block, err)
	}
	started := &startedParser{spec: spec, parser: &traceParser{client: client}, end: end}
	p.started = append(p.started, started)
	return started.parser, configureParser(ctx, client, block, spec)
}

func configureParser(ctx context.Context, client *wire.Client, block *config.PluginBlock, spec supervisor.Spec) error {
	if _, err := client.Configure(ctx, spec.ConfigJSON); err != nil {
		return fmt.Errorf("%s: configure: %w", block, err)
	}
	return nil
}

// sameParser says whether two blocks come to the same parser.
func sameParser(a, b supervisor.Spec) bool {
	return a.Path == b.Path && bytes.Equal(a.ConfigJSON, b.ConfigJSON) && slices.Equal(a.Env, b.Env) &&
		a.MTLS == b.MTLS && a.SHA256 == b.SHA256 && a.Timeout == b.Timeout
}

func sourceNames(m *config.Monitor) []string {
	var names []string
	for _, block := range m.Heads {
		names = append(names, block.Name)
	}
	return names
}
