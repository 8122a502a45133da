package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/daemon"
	"github.com/headwatch/headwatch/host/internal/redact"
)

// runName is the name of the command that watches.
const runName = "run"

func newRun(g *globals, s streams, hangups <-chan os.Signal) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   runName + " --config FILE",
		Short: "Watch, and restart by the rules, until SIGTERM or SIGINT",
		Long: `Watch the nodes of the configuration and restart them by its rules. Ends on
SIGTERM or SIGINT with exit code 0, after an action that is under way. SIGHUP
reads the configuration anew: it takes effect as a whole, or not at all, and what
has not changed goes on.

With DRY_RUN=true every rule runs and nothing is restarted.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			redactor := redact.New()
			log, err := g.newLog(s.out, redactor)
			if err != nil {
				return err
			}
			defer log.Close()
			if path == "" {
				return errNoConfig
			}
			run := daemon.New(daemon.Options{ConfigPath: path, Version: Version, Commit: commit(), Logger: log.Logger, Redactor: redactor, Hangups: hangups})
			err = run.Run(c.Context(), func(found config.Diagnostics) { _ = found.WriteText(s.err) })
			if refused := (*daemon.Refused)(nil); errors.As(err, &refused) {
				return report(s, refused.Found)
			}
			if usage := (daemon.Usage{}); errors.As(err, &usage) {
				return usageError{usage.Err}
			}
			return err
		},
	}
	configFlag(c, &path)
	return c
}
