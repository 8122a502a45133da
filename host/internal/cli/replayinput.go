package cli

import (
	"context"
	"io"
	"os"
	"slices"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/trace"
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
func replayMonitors(ctx context.Context, s streams, parsers *plugin.Parsers, configs []*config.Config) ([]trace.Monitor, error) {
	var sides [][]trace.Monitor
	for _, c := range configs {
		side, found := parsers.TraceMonitors(ctx, c)
		if err := report(s, found); err != nil {
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
