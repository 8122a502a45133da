package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/plugin"
)

func newPlugins(_ *globals, s streams) *cobra.Command {
	l := &pluginLister{streams: s}
	c := &cobra.Command{
		Use:   "plugins [--config FILE] [NAME...]",
		Short: "List the plugins in the plugin folders with what they take",
		Long: `List the plugins in the plugin folders, and those that the configuration names by
a path: where each is, its version, its kinds, the protocol it speaks, its
checksum (what sha256 in its block may say) and what its config and target
blocks take. Each is started for that, and contacts nothing. A NAME picks the
plugins of that name or path.`,
		Args: usageArgs(cobra.ArbitraryArgs),
		RunE: func(c *cobra.Command, args []string) error {
			l.asked = c.Flags().Changed("config")
			return l.list(c.Context(), args)
		},
	}
	configFlag(c, &l.config)
	c.Flags().BoolVar(&l.json, "json", false, "print a JSON array, one object a plugin")
	c.Flags().BoolVar(&l.markdown, "markdown", false, "print a page of documentation for each plugin")
	c.MarkFlagsMutuallyExclusive("json", "markdown")
	return c
}

// pluginLister lists plugins.
type pluginLister struct {
	streams streams
	config  string
	// asked says that the configuration is one of the command line.
	asked          bool
	json, markdown bool
}

func (l *pluginLister) list(ctx context.Context, names []string) error {
	files, err := l.files()
	if err != nil {
		return err
	}
	if files, err = plugin.Pick(files, names); err != nil {
		return usageError{err}
	}
	listings, err := plugin.DescribeAll(ctx, files)
	if err != nil {
		return err
	}
	failed := false
	for _, listing := range listings {
		if listing.Error != "" {
			failed = true
			fmt.Fprintf(l.streams.err, "headwatch: %s\n", listing.Error)
		}
	}
	if err := listings.Write(l.streams.out, l.json, l.markdown); err != nil {
		return err
	}
	if failed {
		return errReported
	}
	return nil
}

// files are those of the plugin folders, and those that a configuration names by
// a path.
func (l *pluginLister) files() ([]string, error) {
	host := config.Host{PluginDirs: filepath.SplitList(environment("HEADWATCH_PLUGIN_DIR", ""))}
	var named []string
	if l.config != "" {
		c, found, err := load(l.config)
		if err != nil {
			return nil, err
		}
		if l.asked || !found.HasErrors() {
			if err := report(l.streams, found); err != nil {
				return nil, err
			}
		} else {
			fmt.Fprintf(l.streams.err, "headwatch: the configuration %s has mistakes, which headwatch validate lists; plugins that only it names may be missing here\n", l.config)
		}
		if c != nil {
			host = c.Host
			named = pluginPaths(c)
		}
	}
	files, err := plugin.Files(plugin.Dirs(host))
	return append(files, named...), err
}

// pluginPaths are the plugins that a configuration names by a path.
func pluginPaths(c *config.Config) []string {
	var paths []string
	for _, block := range c.Plugins {
		if block.IsPath() {
			paths = append(paths, block.Plugin)
		}
	}
	return paths
}
