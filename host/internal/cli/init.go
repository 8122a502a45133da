package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/daemon"
)

// standardOutput stands for standard output where a file is named.
const standardOutput = "-"

func newInit(_ *globals, s streams) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "init [--out FILE]",
		Short: "Look at the engine's containers and write a configuration for the nodes among them",
		Long: `Look at the containers of the Docker Engine, recognise the nodes among them by
their images, programs and arguments, and write a configuration that watches those
that run: profile careful, the parser that reads the node's log, and head sources
of its network. Where no public endpoints of that network are known, or the network
cannot be told, the file says TODO and reads RPC_URL_1, RPC_URL_2, ...

It asks nothing, changes nothing at the engine, and writes over no file. Look through
what it wrote, then run headwatch doctor.`,
		Example: `  headwatch init
  headwatch init --out -`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return writeProposal(c.Context(), s, out) },
	}
	c.Flags().StringVar(&out, "out", environment("HEADWATCH_CONFIG", "monitor.hcl"), "the file to write; - is standard output (default: HEADWATCH_CONFIG, else monitor.hcl)")
	return c
}

func writeProposal(ctx context.Context, s streams, out string) error {
	if _, err := os.Lstat(out); out != standardOutput && err == nil {
		return usageError{fmt.Errorf("%s exists, and is not written over: name another file with --out, or --out - for standard output", out)}
	}
	p, found, err := daemon.Propose(ctx, out)
	if err != nil {
		return err
	}
	if len(p.Nodes) == 0 {
		return errors.Join(p.WriteSummary(s.err), errors.New("there is no running container that looks like a node which headwatch knows\n"+
			"Start from one of the examples: examples/careful.hcl (Substrate), ethereum.hcl, fleet.hcl; docs/plugins says what reads which node's log"))
	}
	if err := report(s, found); err != nil {
		return err
	}
	if out == standardOutput {
		_, err = io.WriteString(s.out, p.Text)
		out = "FILE"
	} else {
		err = p.Save(out)
	}
	if err != nil {
		return err
	}
	return p.WriteNext(s.err, out)
}
