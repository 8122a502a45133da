package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/daemon"
)

func newValidate(_ *globals, s streams) *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use:   "validate --config FILE",
		Short: "Check a configuration, and through its plugins every config and target",
		Long: `Check a configuration. The plugins are started and asked about their parts;
no endpoint and no engine is contacted, and nothing is restarted. Exit code 0
means that the file can be used, 2 that it holds mistakes, which are all listed.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := validate(c, path)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(s, found)
			}
			if err := report(s, found); err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.out, "%s is fine\n", path)
			return err
		},
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "print the mistakes as JSON")
	return c
}

// validate finds what is wrong with a file. Its plugins are asked about what can
// be read of it, also beside mistakes in the rest.
func validate(c *cobra.Command, path string) (config.Diagnostics, error) {
	loaded, found, err := load(path)
	if err != nil {
		return nil, err
	}
	more, err := daemon.Judge(c.Context(), loaded)
	return append(found, more...).Sorted(), err
}

// printJSON prints {"valid":…,"diagnostics":[…]}.
func printJSON(s streams, found config.Diagnostics) error {
	encoder := json.NewEncoder(s.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if found == nil {
		found = config.Diagnostics{}
	}
	result := struct {
		Valid       bool               `json:"valid"`
		Diagnostics config.Diagnostics `json:"diagnostics"`
	}{!found.HasErrors(), found}
	if err := encoder.Encode(result); err != nil {
		return err
	}
	if found.HasErrors() {
		return usageError{errReported}
	}
	return nil
}
