package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// traceList are the traces that the arguments of a replay stand for.
type traceList struct {
	stdin   io.Reader
	sources []trace.Source
	// spools hold what could be read only once.
	spools []func() error
}

func (l *traceList) close() {
	for _, c := range l.spools {
		c() // a temporary file that is gone already
	}
}

func (l *traceList) add(paths []string) error {
	for _, path := range paths {
		if err := l.addPath(path); err != nil {
			return err
		}
	}
	return nil
}

func (l *traceList) addPath(path string) error {
	if path == "-" {
		return l.spool("standard input", l.stdin)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() || info.IsDir() {
		return l.addFiles(path)
	}
	pipe, err := os.Open(path)
	if err != nil {
		return err
	}
	defer pipe.Close()
	return l.spool(path, pipe)
}

// addFiles adds the files of a path that are not there yet.
func (l *traceList) addFiles(path string) error {
	files, err := trace.Files([]string{path})
	if err != nil {
		return err
	}
	for _, file := range files {
		if slices.ContainsFunc(l.sources, func(s trace.Source) bool { return s.Name == file }) {
			continue
		}
		source, err := trace.FileSource(file)
		if err != nil {
			return err
		}
		l.sources = append(l.sources, source)
	}
	return nil
}

func (l *traceList) spool(name string, in io.Reader) error {
	source, done, err := trace.Spool(name, in)
	if err == nil {
		l.sources, l.spools = append(l.sources, source), append(l.spools, done)
	}
	return err
}

// replayMonitors are the monitors of the first configuration with their parsers
// at work, each with what the second one makes of it.
func replayMonitors(ctx context.Context, s streams, parsers *replayParsers, configs []*config.Config) ([]trace.Monitor, error) {
	var sides [][]trace.Monitor
	for _, c := range configs {
		ready, found := prepare(ctx, c, parsers.plugins, sdk.KindLogParser)
		if err := report(s, found); err != nil {
			return nil, err
		}
		side, err := parsers.monitors(ctx, c, ready)
		if err != nil {
			return nil, err
		}
		sides = append(sides, side)
	}
	if len(sides) == 2 {
		pair(sides[0], sides[1])
	}
	return sides[0], nil
}

// pair puts the old monitors beside the new ones of the same name.
func pair(monitors, old []trace.Monitor) {
	for i := range monitors {
		m := &monitors[i]
		at := slices.IndexFunc(old, func(o trace.Monitor) bool { return o.Name == m.Name })
		if at < 0 {
			continue
		}
		if m.Old = &old[at]; m.Old.Parser == m.Parser {
			m.Old.Parser = nil // one pass through it serves both
		}
	}
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
	spec.Set = []string{"GOGC=" + strconv.Itoa(replayGC)} // which one that is not in Go passes over
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
