package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/control"
	"github.com/headwatch/headwatch/host/internal/daemon"
)

// controlDeadline bounds what is asked of a running host: a monitor in the middle of
// an act answers after it.
const controlDeadline = 75 * time.Second

const controlHelp = `

The running host is asked over a socket in its state folder, which is that of the
configuration or of HEADWATCH_STATE_DIR. Only the host's own user and root may; as
root in the host's container (docker exec) MONITOR_UID is taken first, as the host
does.`

// newPause and its two neighbours are a person's word to a running host.
func newPause(s streams) *cobra.Command {
	var r control.Request
	c := controlCommand(s, control.Pause, &r, &cobra.Command{
		Use:   "pause MONITOR|--all --for 2h --reason TEXT",
		Short: "Act on nothing for a time; the checks go on",
		Long: `Have a running host act on nothing for a time, while a person works on a node. The
checks go on, and what would be done is said as held by the guard "paused". Who
paused, until when and why is kept over a restart of the host and shown by why.

A pause always ends: after --for, seven days at most, or with headwatch resume.` + controlHelp,
	})
	c.Flags().DurationVar(&r.For, "for", 0, "how long, such as 30m or 2h; at most 168h")
	c.Flags().StringVar(&r.Reason, "reason", "", "why, for whoever looks next")
	return c
}

func newResume(s streams) *cobra.Command {
	return controlCommand(s, control.Resume, &control.Request{}, &cobra.Command{
		Use:   "resume MONITOR|--all",
		Short: "End a pause, and what waits for a person",
		Long: `End a pause. It also lets go what waits for a person: a budget that is spent, and the
quarantine after acts that did not help. What was spent or did not help until now
does not count any more.` + controlHelp,
	})
}

func newCheck(s streams) *cobra.Command {
	return controlCommand(s, control.Check, &control.Request{}, &cobra.Command{
		Use:   "check MONITOR|--all",
		Short: "Check now, and act if that is right",
		Long: `Have a running host check now, without waiting for the interval, and print the
verdict. It is a check as any other: an act that it comes to is done.` + controlHelp,
	})
}

// controlCommand completes a command that asks a running host.
func controlCommand(s streams, what string, r *control.Request, c *cobra.Command) *cobra.Command {
	var path string
	c.Args = usageArgs(cobra.MaximumNArgs(1))
	c.RunE = func(c *cobra.Command, args []string) error {
		r.Monitor, r.By = strings.Join(args, ""), caller()
		if (r.Monitor == "") == !r.All {
			return usageError{fmt.Errorf("name one monitor, or say --all\nsee %q", c.CommandPath()+" --help")}
		}
		return ask(c.Context(), s, path, what, *r)
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&r.All, "all", false, "every monitor of the host")
	return c
}

// caller is who asks, as far as the environment says it.
func caller() string { return cmp.Or(os.Getenv("SUDO_USER"), os.Getenv("USER"), os.Getenv("LOGNAME")) }

// ask asks the running host, and prints what its monitors say.
func ask(ctx context.Context, s streams, path, what string, r control.Request) error {
	if err := daemon.DropRoot(discard()); err != nil {
		return err
	}
	host := config.Host{StateDir: os.Getenv("HEADWATCH_STATE_DIR")}
	if written := hostBlock(path); written != nil {
		host = *written
	}
	dir, err := daemon.StateDir(host)
	if err != nil {
		return fmt.Errorf("find the state folder: %w; give --config FILE or set HEADWATCH_STATE_DIR", err)
	}
	ctx, cancel := context.WithTimeout(ctx, controlDeadline)
	defer cancel()
	reply, err := control.Ask(ctx, dir, what, r)
	if err != nil {
		return err
	}
	return reply.Write(s.out)
}
