package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
)

func newTestPlugin(s streams) *cobra.Command {
	t := &pluginTester{streams: s}
	c := &cobra.Command{
		Use:   "test-plugin PATH",
		Short: "Run the conformance kit against a plugin, in whatever language it is written",
		Long: `Run the conformance kit against a plugin, in whatever language it is written.
docs/conformance.md says of each check what it demands and why.

It needs nothing but the plugin: configurations, targets and log lines come from
the examples that it publishes. --config gives others: a file of config and
target blocks, or a configuration of the host, of which the blocks that name
this plugin are taken. A check whose endpoint or engine is not there is skipped.
Nothing is ever acted on but a target that does not exist, or one that an
example calls disposable.

Exit code 0 means that no check failed, 1 that one did, 2 that there is no
plugin to test.`,
		Example: `  headwatch test-plugin bin/plugins/docker-restart
  headwatch test-plugin --run '^parse-' --json ./my-parser`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return t.test(c.Context(), args[0]) },
	}
	c.Flags().StringVar(&t.config, "config", "", "examples to use in place of the plugin's own")
	c.Flags().BoolVar(&t.json, "json", false, "print the report as JSON")
	c.Flags().StringVar(&t.match, "run", "", "make only the checks whose name matches this regular expression")
	c.Flags().StringArrayVar(&t.env, "env", nil, "a variable that the plugin sees beside the usual few; may be repeated")
	return c
}

// pluginTester runs the kit.
type pluginTester struct {
	streams       streams
	config, match string
	env           []string
	json          bool
}

func (t *pluginTester) test(ctx context.Context, plugin string) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	path, err := t.lookUp(plugin)
	if err != nil {
		return usageError{err}
	}
	options := conformance.Options{Plugin: plugin}
	if options.Match, err = t.matcher(); err != nil {
		return usageError{err}
	}
	env := t.env
	if t.config != "" {
		given, err := t.readExamples(path)
		if err != nil {
			return err
		}
		options.Examples = given.decode
		env = append(env, given.env...)
	}
	report, err := conformance.Run(ctx, &subject.Binary{Path: path, Env: supervisor.Environment(env)}, options)
	switch {
	case ctx.Err() != nil:
		return err
	case errors.Is(err, errReported):
		return err
	case err != nil:
		return usageError{fmt.Errorf("%s cannot be run: %w", plugin, err)}
	}
	return t.print(report)
}

// lookUp finds the program: a path, or a name in the plugin folders.
func (t *pluginTester) lookUp(name string) (string, error) {
	if _, err := os.Stat(name); err == nil && !strings.ContainsRune(name, '/') {
		name = "./" + name
	}
	path, err := supervisor.Lookup(name, plugin.Dirs(config.Host{PluginDirs: filepath.SplitList(environment("HEADWATCH_PLUGIN_DIR", ""))}))
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("plugin %s is no file", name)
	}
	return filepath.Abs(path)
}

// matcher chooses checks; one that chooses none is a mistake.
func (t *pluginTester) matcher() (*regexp.Regexp, error) {
	match, err := regexp.Compile(t.match)
	if err != nil {
		return nil, fmt.Errorf("read --run: %w", err)
	}
	for _, name := range conformance.Names() {
		if match.MatchString(name) {
			return match, nil
		}
	}
	return nil, fmt.Errorf("no check matches %q; there are %s", t.match, strings.Join(conformance.Names(), ", "))
}

func (t *pluginTester) print(report *conformance.Report) error {
	write := report.WriteText
	if t.json {
		write = report.WriteJSON
	}
	if err := write(t.streams.out); err != nil {
		return err
	}
	if !report.Sound() {
		return errReported
	}
	return nil
}

// givenExamples are the examples of a file, which the plugin's schema is needed
// to read.
type givenExamples struct {
	env    []string
	decode func(config, target sdk.Schema) ([]sdk.Example, error)
}

// readExamples reads the file of --config.
func (t *pluginTester) readExamples(path string) (givenExamples, error) {
	examples, ok, found := config.LoadExamples(t.config, os.LookupEnv)
	if !ok {
		return t.readBlocks(path)
	}
	if err := report(t.streams, found); err != nil {
		return givenExamples{}, err
	}
	return givenExamples{decode: func(c, target sdk.Schema) ([]sdk.Example, error) {
		var all []sdk.Example
		var found config.Diagnostics
		for _, example := range examples {
			decoded, wrong := example.Decode(c, target)
			all, found = append(all, decoded), append(found, wrong...)
		}
		return all, report(t.streams, found)
	}}, nil
}

// readBlocks reads a configuration of the host: each block that names the plugin is
// an example, once for each monitor that has a target for it.
func (t *pluginTester) readBlocks(path string) (givenExamples, error) {
	c, found, err := load(t.config)
	if err != nil {
		return givenExamples{}, err
	}
	if err := report(t.streams, found); err != nil {
		return givenExamples{}, err
	}
	blocks := c.BlocksOf(path)
	if len(blocks) == 0 {
		return givenExamples{}, usageError{fmt.Errorf("no block in %s names the plugin %s", t.config, path)}
	}
	given := givenExamples{decode: func(schema, target sdk.Schema) ([]sdk.Example, error) {
		all, found := c.Examples(blocks, schema, target)
		return all, report(t.streams, found)
	}}
	for _, block := range blocks {
		given.env = append(given.env, block.Env...)
	}
	return given, nil
}
