package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/daemon"
	"github.com/headwatch/headwatch/host/internal/doctor"
)

func newDoctor(_ *globals, s streams) *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor --config FILE",
		Short: "Contact everything once, change nothing, and say what is wrong and how to mend it",
		Long: `Contact everything that the configuration names once, and change nothing: is the
configuration fine, can the state folder be written, does the engine answer, is the
container there and what would make a restart dangerous, do the endpoints answer,
agree and belong to one chain, what do the clocks say, how many of the log's last
lines does the parser understand; and what the first verdict would be. Run it before
the first headwatch run, and whenever something is odd. Each question has a deadline.

Exit code 0 means that all is fine, 1 that there are warnings, 2 that there are
errors: with those nothing would be restarted that should be, or the wrong thing.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if path == "" {
				return errNoConfig
			}
			report, err := daemon.Examine(c.Context(), path)
			if usage := (daemon.Usage{}); errors.As(err, &usage) {
				return usageError{usage.Err}
			}
			if err != nil {
				return err
			}
			return printReport(s, report, asJSON)
		},
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return c
}

// printReport prints what was found; its worst is the exit code.
func printReport(s streams, report *doctor.Report, asJSON bool) error {
	write := report.WriteText
	if asJSON {
		write = report.WriteJSON
	}
	switch err := write(s.out); {
	case err != nil:
		return err
	case report.Count(doctor.Error) > 0:
		return usageError{errReported}
	case report.Count(doctor.Warning) > 0:
		return errReported
	}
	return nil
}
