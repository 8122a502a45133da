package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
)

func newPlugins(_ *globals, s streams) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "plugins [--config FILE]",
		Short: "List the plugins in the plugin folders with what they take",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(c *cobra.Command, _ []string) error { return listPlugins(c.Context(), s, path) },
	}
	configFlag(c, &path)
	return c
}

func listPlugins(ctx context.Context, s streams, path string) error {
	host := config.Host{PluginDirs: filepath.SplitList(environment("HEADWATCH_PLUGIN_DIR", ""))}
	var named []string
	if path != "" {
		c, found, err := load(path)
		if err != nil {
			return err
		}
		if err := report(s, found); err != nil {
			return err
		}
		host = c.Host
		for _, block := range c.Plugins {
			if block.IsPath() {
				named = append(named, block.Plugin)
			}
		}
	}
	files, err := pluginFiles(pluginDirs(host))
	if err != nil {
		return err
	}
	plugins, err := supervisor.New("", discard())
	if err != nil {
		return err
	}
	defer plugins.Close()
	failed := false
	for _, file := range append(files, named...) {
		if err := describe(ctx, s.out, plugins, file); err != nil {
			failed = true
			fmt.Fprintf(s.err, "headwatch: %v\n", err)
		}
	}
	if failed {
		return errReported
	}
	return nil
}

// pluginFiles lists the files of the plugin folders; a folder that is missing
// holds none.
func pluginFiles(dirs []string) ([]string, error) {
	var files []string
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list plugin folder: %w", err)
		}
		for _, entry := range entries {
			if !entry.IsDir() {
				files = append(files, filepath.Join(dir, entry.Name()))
			}
		}
	}
	return files, nil
}

// describe starts a plugin and prints what it says of itself.
func describe(ctx context.Context, w io.Writer, plugins *supervisor.Supervisor, path string) error {
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	client, stop, err := plugins.Start(ctx, supervisor.Spec{Block: filepath.Base(path), Path: path, MTLS: true, Timeout: checkDeadline})
	if err != nil {
		return err
	}
	defer stop()
	info, err := client.Info(ctx)
	if err != nil {
		return fmt.Errorf("ask plugin %s who it is: %w", path, err)
	}
	config, target, err := client.Schema(ctx)
	if err != nil {
		return fmt.Errorf("ask plugin %s for its schema: %w", path, err)
	}
	fmt.Fprintf(w, "%s %s  %v\n  %s\n  %s\n", info.Name, info.Version, info.Kinds, info.Description, path)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	describeSchema(table, "  config", config)
	describeSchema(table, "  target", target)
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w)
	return err
}

func describeSchema(w io.Writer, what string, s sdk.Schema) {
	for _, a := range s.Attributes {
		value := a.Default
		switch {
		case a.Required:
			value = "required"
		case value == "":
			value = "-"
		}
		fmt.Fprintf(w, "%s.%s\t%s\t%s\t%s\n", what, a.Name, a.Type, value, a.Description)
	}
	for _, b := range s.Blocks {
		fmt.Fprintf(w, "%s.%s\tblock\t-\t%s\n", what, b.Name, b.Description)
		describeSchema(w, what+"."+b.Name, b.Schema)
	}
}
