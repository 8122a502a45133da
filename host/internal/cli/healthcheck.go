package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
)

// healthDeadline bounds the health check; Docker waits 30 s by default.
const healthDeadline = 5 * time.Second

func newHealthcheck(s streams) *cobra.Command {
	var address string
	c := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running host whether it works; for Docker's HEALTHCHECK",
		Long: `Ask the HTTP endpoint of a running host whether the loops of its monitors turn.
Exit code 0 means yes. A node in trouble is not an unhealthy host: see /readyz
and /status for what the monitors see. The endpoint is what HEADWATCH_HTTP or
--http says; one that the configuration says, or a port of 0, has to be named.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return healthcheck(c.Context(), address, s.out) },
	}
	c.Flags().StringVar(&address, "http", environment("HEADWATCH_HTTP", config.DefaultListen), "the host's HTTP endpoint")
	return c
}

func healthcheck(ctx context.Context, address string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, healthDeadline)
	defer cancel()
	if address == "off" {
		_, err := fmt.Fprintln(out, "the HTTP endpoint is off: there is nothing to ask")
		return err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return usageError{fmt.Errorf("read address of the HTTP endpoint: %w", err)}
	}
	// A host that listens everywhere is asked at home.
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return usageError{err}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask the host: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("read the host's answer: %w", err)
	}
	if _, err := out.Write(body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the host answers %s", response.Status)
	}
	return nil
}
