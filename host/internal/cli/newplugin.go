package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/newplugin"
)

func newNewPlugin(s streams) *cobra.Command {
	var p newplugin.Plugin
	c := &cobra.Command{
		Use:   "new-plugin KIND NAME",
		Short: "Write the beginnings of a plugin: a Go module that builds, has tests and works",
		Long: `Write the beginnings of a plugin into ./NAME: a Go module of its own that builds,
passes its tests and the conformance kit, and works in a host. KIND is one of
` + strings.Join(newplugin.Kinds(), ", ") + `.

Until the SDK is published, --sdk names a checkout of headwatch that it is built
against:

  headwatch new-plugin --sdk ~/src/headwatch head_source chain-head
  cd chain-head
  make build test`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error {
			p.Kind, p.Name = args[0], args[1]
			return writePlugin(s, p)
		},
	}
	c.Flags().StringVar(&p.SDKDir, "sdk", "", "a checkout of headwatch to build against, in place of the published module")
	c.Flags().StringVar(&p.Module, "module", "", "the path of the Go module (default: NAME)")
	return c
}

func writePlugin(s streams, p newplugin.Plugin) error {
	p.SDKVersion = "v" + Version
	if p.SDKDir != "" {
		dir, err := filepath.Abs(p.SDKDir)
		if err != nil {
			return err
		}
		p.SDKDir = dir
	}
	written, err := p.Write(".")
	if err != nil {
		return usageError{err}
	}
	for _, path := range written {
		fmt.Fprintln(s.out, path)
	}
	_, err = fmt.Fprintf(s.out, "\nGo on with: cd %s && make build test\n", p.Name)
	return err
}
