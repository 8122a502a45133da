package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/scenario"
)

// testFlags are those of the command test.
type testFlags struct {
	run, writeTrace         string
	verbose, asJSON, update bool
}

func newTest(_ *globals, s streams) *cobra.Command {
	var flags testFlags
	c := &cobra.Command{
		Use:   "test FILE...",
		Short: "Test rules against small histories and recorded traces",
		Long: `Run tests of rules: each holds a history, or names a recorded trace, and says
what the rules of a configuration should decide over it. A folder stands for
all *` + scenario.Suffix + ` files in it. The same engine decides as in a run, in virtual
time; of all plugins only the log parser runs.

Exit code 0 means that every test passed, 1 that one failed, 2 that a file is
wrong.`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return test(c.Context(), s, flags, args) },
	}
	c.Flags().StringVar(&flags.run, "run", "", "only the tests whose names match this regular expression")
	c.Flags().BoolVarP(&flags.verbose, "verbose", "v", false, "print every test, not only those that fail")
	c.Flags().BoolVar(&flags.asJSON, "json", false, "print one JSON object a test, and nothing else, on standard output")
	c.Flags().BoolVar(&flags.update, "update", false, "write pinned verdicts anew")
	c.Flags().StringVar(&flags.writeTrace, "write-trace", "", "write the histories into this folder as traces for headwatch replay, and test nothing")
	return c
}

func test(ctx context.Context, s streams, flags testFlags, args []string) error {
	match, err := regexp.Compile(flags.run)
	if err != nil {
		return usageError{fmt.Errorf("read --run: %w", err)}
	}
	files, err := loadTests(s, args)
	if err != nil {
		return err
	}
	parsers, err := plugin.NewParsers()
	if err != nil {
		return err
	}
	defer parsers.Close()
	t := &tester{streams: s, flags: flags, match: match, parsers: parsers, configs: map[string]*loadedConfig{}}
	for _, file := range files {
		if err := t.file(ctx, file); err != nil {
			return err
		}
	}
	return t.end()
}

// loadTests reads files of tests; their mistakes are all reported before any
// test is run.
func loadTests(s streams, args []string) ([]*scenario.File, error) {
	paths, err := testPaths(args)
	if err != nil {
		return nil, usageError{err}
	}
	var files []*scenario.File
	var found config.Diagnostics
	for _, path := range paths {
		file, wrong := scenario.Load(path)
		found = append(found, wrong...)
		files = append(files, file)
	}
	return files, report(s, found)
}

// testPaths puts the files of a folder in its place.
func testPaths(args []string) ([]string, error) {
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
	streams
	flags   testFlags
	match   *regexp.Regexp
	parsers *plugin.Parsers
	configs map[string]*loadedConfig

	passed, failed, wrong, updated int
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
	ran, failed := 0, t.failed+t.wrong
	for _, one := range file.Tests {
		if !t.match.MatchString(one.Name) {
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
	if ran == 0 || t.flags.asJSON || t.flags.verbose || t.flags.writeTrace != "" || t.failed+t.wrong > failed {
		return nil
	}
	_, err := fmt.Fprintf(t.out, "ok   %s: %s\n", file.Path, countOf(ran, "test"))
	return err
}

// test runs one test and prints what became of it. It returns the part of the
// file that an update writes anew; nil for none.
func (t *tester) test(ctx context.Context, one *scenario.Test) (*scenario.Update, error) {
	result, found, err := t.one(ctx, one)
	if err != nil {
		return nil, err
	}
	if err := found.WriteText(t.err); err != nil {
		return nil, err
	}
	if result == nil {
		if found.HasErrors() || t.failedConfig(one) {
			t.wrong++
		}
		return nil, nil
	}
	var part *scenario.Update
	if t.flags.update {
		if part = result.Mend(); part != nil {
			t.updated++
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
	if t.flags.writeTrace != "" {
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
	path := filepath.Join(t.flags.writeTrace, one.TraceName())
	if err := scenario.WriteFile(path, text); err != nil {
		return found, err
	}
	t.passed++
	_, err := fmt.Fprintf(t.out, "wrote %s\n", path)
	return found, err
}

// print prints a result as far as it is wanted.
func (t *tester) print(result *scenario.Result) error {
	if result.Passed() {
		t.passed++
	} else {
		t.failed++
	}
	switch {
	case t.flags.asJSON:
		return result.WriteJSON(t.out)
	case t.flags.verbose || !result.Passed() || len(result.Warnings) > 0:
		return result.WriteText(t.out)
	}
	return nil
}

// end says how it went.
func (t *tester) end() error {
	if t.passed+t.failed+t.wrong == 0 {
		if t.flags.run != "" {
			return usageError{fmt.Errorf("no test matches --run %q", t.flags.run)}
		}
		return usageError{errors.New("no test has a history to write")}
	}
	out := t.out
	if t.flags.asJSON || t.flags.writeTrace != "" {
		out = io.Discard
	}
	text := fmt.Sprintf("%s passed", countOf(t.passed, "test"))
	if t.failed > 0 {
		text += fmt.Sprintf(", %d failed", t.failed)
	}
	if t.wrong > 0 {
		text += fmt.Sprintf(", %d could not be run", t.wrong)
	}
	if t.updated > 0 {
		text += fmt.Sprintf(", %s updated", countOf(t.updated, "part"))
	}
	if _, err := fmt.Fprintln(out, text); err != nil {
		return err
	}
	switch {
	case t.wrong > 0:
		return usageError{errReported}
	case t.failed > 0:
		return errReported
	}
	return nil
}
