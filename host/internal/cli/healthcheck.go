package cli

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/hostclient"
)

// healthDeadline bounds the health check; Docker waits 30 s by default.
const healthDeadline = 5 * time.Second

func newHealthcheck(s streams) *cobra.Command {
	var address, path string
	c := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running host whether it works; for Docker's HEALTHCHECK",
		Long: `Ask the HTTP endpoint of a running host whether the loops of its monitors turn.
Exit code 0 means yes. A node in trouble is not an unhealthy host: see /readyz
and /status for what the monitors see.

The endpoint is what --http says, else HEADWATCH_HTTP, else what the running
host noted in its state folder, else what the configuration says. A
configuration that is being edited and has mistakes does not matter.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return healthcheck(c.Context(), address, path, s) },
	}
	configFlag(c, &path)
	c.Flags().StringVar(&address, "http", "", "the host's HTTP endpoint, host:port (default: it is looked up)")
	return c
}

func healthcheck(ctx context.Context, address, path string, s streams) error {
	ctx, cancel := context.WithTimeout(ctx, healthDeadline)
	defer cancel()
	if address == "" {
		var err error
		if address, err = endpointAddress(hostBlock(path)); err != nil {
			return err
		}
	}
	if address == endpointOff {
		_, err := fmt.Fprintln(s.out, "the HTTP endpoint is off: there is nothing to ask")
		return err
	}
	base, err := hostclient.BaseURL(address)
	if err != nil {
		return err
	}
	status, body, err := hostclient.Get(ctx, base+"/healthz")
	if err != nil {
		return fmt.Errorf("ask the host: %w", err)
	}
	if _, err := s.out.Write(body); err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("the host answers %d %s", status, http.StatusText(status))
	}
	return nil
}

// hostBlock is what a configuration says about the host; nil where there is none
// that can be read.
func hostBlock(path string) *config.Host {
	if path == "" {
		return nil
	}
	c, _ := config.Load(path, os.LookupEnv)
	if c == nil {
		return nil
	}
	return &c.Host
}
