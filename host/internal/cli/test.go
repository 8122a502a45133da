package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/scenario"
	"github.com/headwatch/headwatch/host/internal/testrun"
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
	sum, err := testrun.Run(ctx, testrun.Options{Match: match, Verbose: flags.verbose, JSON: flags.asJSON, Update: flags.update,
		WriteTrace: flags.writeTrace, Out: s.out, Err: s.err}, files)
	if err != nil {
		return err
	}
	return endTests(s, flags, sum)
}

// endTests says how it went.
func endTests(s streams, flags testFlags, sum testrun.Sum) error {
	switch {
	case sum.None() && flags.run != "":
		return usageError{fmt.Errorf("no test matches --run %q", flags.run)}
	case sum.None():
		return usageError{errors.New("no test has a history to write")}
	case !flags.asJSON && flags.writeTrace == "":
		if _, err := fmt.Fprintln(s.out, sum); err != nil {
			return err
		}
	}
	switch {
	case sum.Wrong > 0:
		return usageError{errReported}
	case sum.Failed > 0:
		return errReported
	}
	return nil
}

// loadTests reads files of tests; their mistakes are all reported before any
// test is run.
func loadTests(s streams, args []string) ([]*scenario.File, error) {
	paths, err := testrun.Paths(args)
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
