package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/daemon"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/inforce"
)

// configFlags are those of the command config.
type configFlags struct {
	path, profile string
	json          bool
}

func newConfig(_ *globals, s streams) *cobra.Command {
	var flags configFlags
	c := &cobra.Command{
		Use:   "config {--config FILE | --profile NAME}",
		Short: "Print what is in force, and where each value comes from",
		Long: `Print a configuration with everything that is in force in it: each value stands as
HCL, and behind it the place that says it, as FILE:LINE. A value of the block
defaults, of a profile and of the environment is told apart; "built-in" is what
nobody says. What a monitor says wins over defaults, defaults over the profile, and
the profile over what is built in, attribute by attribute.

The plugins are started for what they say about their own blocks, and contact
nothing. What they call a secret is hidden, and of an address all but its host.

With --profile the text of a profile is printed, as "profile" in a monitor has it
in force: ` + strings.Join(config.ProfileNames(), ", ") + `.`,
		Example: `  headwatch config --config monitor.hcl
  headwatch config --profile careful`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("profile") {
				return printProfile(s, flags)
			}
			return printInForce(c.Context(), s, flags)
		},
	}
	configFlag(c, &flags.path)
	c.Flags().StringVar(&flags.profile, "profile", "", "print this profile")
	c.Flags().BoolVar(&flags.json, "json", false, "print a JSON array, one object a block")
	c.MarkFlagsMutuallyExclusive("profile", "json")
	c.MarkFlagsMutuallyExclusive("profile", "config")
	return c
}

func printProfile(s streams, flags configFlags) error {
	text, ok := config.Profile(flags.profile)
	if !ok {
		return usageError{errors.New(strings.TrimSpace(fmt.Sprintf("no profile is called %q. %s", flags.profile,
			hcltext.Suggest(flags.profile, config.ProfileNames(), "There are"))))}
	}
	_, err := fmt.Fprint(s.out, text)
	return err
}

// printInForce prints what can be read of the configuration, also beside mistakes.
func printInForce(ctx context.Context, s streams, flags configFlags) error {
	c, found, err := load(flags.path)
	if err != nil {
		return err
	}
	if c == nil {
		return report(s, found)
	}
	all, more, err := daemon.InForce(ctx, c)
	if err != nil {
		return err
	}
	if flags.json {
		encoder := jsonLines(s.out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(all)
	} else {
		err = inforce.WriteText(s.out, all)
	}
	return errors.Join(err, report(s, append(found, more...).Sorted()))
}
