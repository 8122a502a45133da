// Package testrun runs files of tests of rules, with the parsers that their traces
// need, and prints what became of them. What a test is and decides is package
// scenario's.
package testrun

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/scenario"
)

// Options say which tests are run, and what is printed where.
type Options struct {
	// Match chooses tests by their names.
	Match *regexp.Regexp
	// Verbose prints every test, JSON one object a test; Update writes pinned
	// verdicts anew.
	Verbose, JSON, Update bool
	// WriteTrace is a folder that the histories are written into as traces, in
	// place of a test; empty for none.
	WriteTrace string
	Out, Err   io.Writer
}

// Sum is how many tests passed, failed, and could not be run, and how many parts of
// files were written anew.
type Sum struct{ Passed, Failed, Wrong, Updated int }

// None says that there was nothing to run.
func (s Sum) None() bool { return s.Passed+s.Failed+s.Wrong == 0 }

func (s Sum) String() string {
	text := countOf(s.Passed, "test") + " passed"
	if s.Failed > 0 {
		text += fmt.Sprintf(", %d failed", s.Failed)
	}
	if s.Wrong > 0 {
		text += fmt.Sprintf(", %d could not be run", s.Wrong)
	}
	if s.Updated > 0 {
		text += fmt.Sprintf(", %s updated", countOf(s.Updated, "part"))
	}
	return text
}

// Run runs the tests of files.
func Run(ctx context.Context, o Options, files []*scenario.File) (Sum, error) {
	parsers, err := plugin.NewParsers()
	if err != nil {
		return Sum{}, err
	}
	defer parsers.Close()
	t := &tester{Options: o, parsers: parsers, configs: map[string]*loadedConfig{}}
	for _, file := range files {
		if err := t.file(ctx, file); err != nil {
			return t.sum, err
		}
	}
	return t.sum, nil
}

// Paths puts the files of a folder in its place.
func Paths(args []string) ([]string, error) {
	var paths []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			paths = append(paths, arg)
			continue
		}
		before := len(paths)
		err = filepath.WalkDir(arg, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, scenario.Suffix) {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(paths) == before {
			return nil, fmt.Errorf("read tests in %s: there is no *%s file", arg, scenario.Suffix)
		}
	}
	return paths, nil
}

// tester runs tests.
type tester struct {
	Options
	parsers *plugin.Parsers
	configs map[string]*loadedConfig
	sum     Sum
}

// loadedConfig is a configuration that was read for a test; its mistakes are
// reported once.
type loadedConfig struct {
	config *config.Config
	found  config.Diagnostics
	told   bool
}

// file runs the tests of one file.
func (t *tester) file(ctx context.Context, file *scenario.File) error {
	var parts []scenario.Update
	ran, before := 0, t.sum.Failed+t.sum.Wrong
	for _, one := range file.Tests {
		if !t.Match.MatchString(one.Name) {
			continue
		}
		ran++
		part, err := t.test(ctx, one)
		if err != nil {
			return err
		}
		if part != nil {
			parts = append(parts, *part)
		}
	}
	if err := file.Apply(parts); err != nil {
		return err
	}
	if ran == 0 || t.JSON || t.Verbose || t.WriteTrace != "" || t.sum.Failed+t.sum.Wrong > before {
		return nil
	}
	_, err := fmt.Fprintf(t.Out, "ok   %s: %s\n", file.Path, countOf(ran, "test"))
	return err
}

// test runs one test and prints what became of it. It returns the part of the
// file that an update writes anew; nil for none.
func (t *tester) test(ctx context.Context, one *scenario.Test) (*scenario.Update, error) {
	result, found, err := t.one(ctx, one)
	if err != nil {
		return nil, err
	}
	if err := found.WriteText(t.Err); err != nil {
		return nil, err
	}
	if result == nil {
		if found.HasErrors() || t.failedConfig(one) {
			t.sum.Wrong++
		}
		return nil, nil
	}
	var part *scenario.Update
	if t.Update {
		if part = result.Mend(); part != nil {
			t.sum.Updated++
		}
	}
	return part, t.print(result)
}

// failedConfig says whether a test could not be run because of a configuration
// whose mistakes were reported with an earlier one.
func (t *tester) failedConfig(one *scenario.Test) bool {
	loaded := t.configs[one.ConfigKey()]
	return loaded != nil && loaded.found.HasErrors()
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// one runs one test, or writes its trace. Without a result it could not be run,
// and the diagnostics say why, or there was none to be had.
func (t *tester) one(ctx context.Context, one *scenario.Test) (*scenario.Result, config.Diagnostics, error) {
	loaded := t.configs[one.ConfigKey()]
	if loaded == nil {
		loaded = &loadedConfig{}
		loaded.config, loaded.found = one.LoadConfig(pluginFolders())
		t.configs[one.ConfigKey()] = loaded
	}
	if loaded.found.HasErrors() {
		return nil, loaded.tell(), nil
	}
	monitor, found := one.Choose(loaded.config)
	if found.HasErrors() {
		return nil, append(loaded.tell(), found...), nil
	}
	if t.WriteTrace != "" {
		found, err := t.write(one, monitor)
		return nil, append(loaded.tell(), found...), err
	}
	parser, found := t.parsers.Parser(ctx, loaded.config.Host, monitor.Parser)
	if found.HasErrors() {
		return nil, append(loaded.tell(), found...), nil
	}
	result, found, err := one.Run(ctx, loaded.config, monitor, parser)
	return result, append(loaded.tell(), found...), err
}

// tell returns what was found in a configuration, the first time only.
func (l *loadedConfig) tell() config.Diagnostics {
	if !l.told {
		l.told = true
		return l.found
	}
	return nil
}

// pluginFolders is the one variable of the environment that a test sees without
// naming it: where the plugins are says nothing about the rules.
func pluginFolders() map[string]string {
	const name = "HEADWATCH_PLUGIN_DIR"
	return map[string]string{name: os.Getenv(name)}
}

// write writes the trace of a test's history.
func (t *tester) write(one *scenario.Test, monitor *config.Monitor) (config.Diagnostics, error) {
	text, found := one.Trace(monitor)
	if text == nil {
		return found, nil
	}
	path := filepath.Join(t.WriteTrace, one.TraceName())
	if err := scenario.WriteFile(path, text); err != nil {
		return found, err
	}
	t.sum.Passed++
	_, err := fmt.Fprintf(t.Out, "wrote %s\n", path)
	return found, err
}

// print prints a result as far as it is wanted.
func (t *tester) print(result *scenario.Result) error {
	if result.Passed() {
		t.sum.Passed++
	} else {
		t.sum.Failed++
	}
	switch {
	case t.JSON:
		return result.WriteJSON(t.Out)
	case t.Verbose || !result.Passed() || len(result.Warnings) > 0:
		return result.WriteText(t.Out)
	}
	return nil
}
