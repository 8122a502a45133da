// Package cli is the command line: one file for each subcommand, and the only
// place that wires the host's parts together. It decides nothing about a node.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// The exit codes of the command line.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is an error of how headwatch was called or configured.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// errReported says that everything was said already.
var errReported = errors.New("reported")

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Run runs one command to its end and returns the exit code: 0 fine, 1 failed
// while running, 2 wrong usage or configuration.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// A reload that is asked for while the host starts is remembered, not fatal.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	root := newRoot(streams{in: stdin, out: stdout, err: stderr}, hangups)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		if !errors.Is(err, errReported) {
			fmt.Fprintf(stderr, "headwatch: %v\n", err)
		}
		return exitUsage
	case errors.Is(err, errReported):
		return exitFailed
	}
	fmt.Fprintf(stderr, "headwatch: %v\n", err)
	return exitFailed
}

// globals are the flags of every command.
type globals struct {
	logFormat, logLevel string
}

func newRoot(s streams, hangups chan os.Signal) *cobra.Command {
	g := &globals{}
	root := &cobra.Command{
		Use:   "headwatch",
		Short: "Watch blockchain nodes and restart them when, and only when, that is right",
		Long: `headwatch compares a node's newest block with the network's head and restarts
the node's container by rules. It reads an HCL file that says what to watch and
how; the plugins that know the chain, the log and the container are processes
of their own.

Try it without acting first: DRY_RUN=true headwatch run --config FILE`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noCommand,
		Version:       versionText(),
		PersistentPreRun: func(c *cobra.Command, _ []string) {
			if c.Name() != runName {
				signal.Stop(hangups)
			}
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if c == root { // the flag may be one of the command that was meant
			if unknown := noCommand(root, c.Flags().Args()); unknown != nil {
				return unknown
			}
		}
		return usageError{fmt.Errorf("%w\nsee %q", err, c.CommandPath()+" --help")}
	})
	root.PersistentFlags().StringVar(&g.logFormat, "log-format", environment("LOG_FORMAT", "text"), "text or json")
	root.PersistentFlags().StringVar(&g.logLevel, "log-level", environment("LOG_LEVEL", "info"), "debug, info, warn or error")
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetHelpCommand(newHelp(root))
	root.AddCommand(newRun(g, s, hangups), newValidate(g, s), newConfig(g, s), newInit(g, s), newDoctor(g, s), newReplay(g, s), newTest(g, s), newWhy(s), newPause(s), newResume(s), newCheck(s), newParse(s), newPlugins(g, s), newTestPlugin(s), newHealthcheck(s), newNewPlugin(s), newVersion(s))
	return root
}

// newHelp is the help of a command, which must be one.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || c == root {
				if err := noCommand(root, args); err != nil {
					return err
				}
			}
			if len(rest) > 0 {
				return usageError{fmt.Errorf("%q is no command of %q", rest[0], c.CommandPath())}
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// noCommand is the error of a word that is no command.
func noCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	hint := hcltext.DidYouMean(args[0], names)
	if hint != "" {
		hint = ". " + hint
	}
	return usageError{fmt.Errorf("unknown command %q for %q%s\nsee %q", args[0], root.CommandPath(), hint, root.CommandPath()+" --help")}
}

// usageArgs makes wrong arguments an error of usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			if c.Flags().Lookup("config") != nil && len(args) == 1 {
				err = fmt.Errorf("%w; a configuration is given as --config FILE", err)
			}
			return usageError{fmt.Errorf("%w\nsee %q", err, c.CommandPath()+" --help")}
		}
		return nil
	}
}

// configFlag adds the flag that every command with a configuration has.
func configFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "config", environment("HEADWATCH_CONFIG", ""), "the configuration (default: HEADWATCH_CONFIG)")
}

// errNoConfig says that no configuration was named.
var errNoConfig = usageError{errors.New("no configuration: give --config FILE or set HEADWATCH_CONFIG")}

// load reads the configuration and reports all that is wrong with the text.
func load(path string) (*config.Config, config.Diagnostics, error) {
	if path == "" {
		return nil, nil, errNoConfig
	}
	c, found := config.Load(path, os.LookupEnv)
	return c, found, nil
}

// report writes diagnostics for people. Its error ends the command.
func report(s streams, found config.Diagnostics) error {
	if err := found.WriteText(s.err); err != nil {
		return err
	}
	if found.HasErrors() {
		return usageError{errReported}
	}
	return nil
}

// discard is a log for commands that print their result only.
func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// environment is a variable, or fallback where it is unset or empty.
func environment(name, fallback string) string {
	if value, set := hcltext.Environment(os.LookupEnv).Lookup(name); set {
		return value
	}
	return fallback
}
