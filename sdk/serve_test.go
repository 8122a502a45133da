package sdk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// TestMain lets the test binary be a plugin, under the name "closing".
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "closing" {
		sdk.ServeHeadSource(sdk.Info{Name: "closing", Version: "1.2.3", Description: "says how it ends"}, &closing{})
	}
	// The race detector holds every process up for a second at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// closing says how it ends.
type closing struct{ ctx context.Context }

var (
	_ sdk.HeadSource = (*closing)(nil)
	_ sdk.Starter    = (*closing)(nil)
	_ io.Closer      = (*closing)(nil)
)

func (c *closing) Start(ctx context.Context) error {
	c.ctx = ctx
	log.Print("by package log")
	return nil
}

func (c *closing) GetHead(context.Context) (sdk.Head, error) { return sdk.Head{Best: 1}, nil }

func (c *closing) Close() error {
	slog.Info("closed", "context", fmt.Sprint(c.ctx.Err()))
	return errors.New("no disk")
}

// plugin is the test binary under the name of a plugin.
func plugin(t *testing.T) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "closing")
	if err := os.Symlink(own, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPersonWhoRunsAPluginIsAnswered(t *testing.T) {
	path := plugin(t)
	if out, err := exec.Command(path, "--version").Output(); err != nil || string(out) != "closing 1.2.3\n" {
		t.Errorf("--version: %q, %v", out, err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(path)
	cmd.Stderr = &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(stderr.String(), "It is not run by hand") {
		t.Errorf("by hand: %v, %s", err, stderr.String())
	}
}

func TestAPluginThatCannotServeSaysWhy(t *testing.T) {
	config := wire.Handshake()
	cmd := exec.Command(plugin(t))
	cmd.Env = append(os.Environ(), config.MagicCookieKey+"="+config.MagicCookieValue, "PLUGIN_UNIX_SOCKET_DIR="+filepath.Join(t.TempDir(), "missing"))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "no such file or directory") {
		t.Errorf("got %v, stdout %q, stderr %s", err, stdout.String(), stderr.String())
	}
}

func TestAPluginCleansUpWhenTheHostEndsIt(t *testing.T) {
	var stderr logBuffer
	host := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: wire.Handshake(), Plugins: goplugin.PluginSet{wire.ServiceName: bare{}}, Cmd: exec.Command(plugin(t)),
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, Logger: hclog.NewNullLogger(), Stderr: &stderr,
	})
	defer host.Kill()
	protocol, err := host.Client()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := protocol.Dispense(wire.ServiceName)
	if err != nil {
		t.Fatal(err)
	}
	client := wire.NewClient(raw.(*grpc.ClientConn))
	if found, err := client.Configure(t.Context(), nil); err != nil || found != nil {
		t.Fatal(found, err)
	}
	if head, err := client.GetHead(t.Context()); err != nil || head.Best != 1 {
		t.Errorf("got %v, %v", head, err)
	}
	host.Kill()
	for _, want := range []string{`"@message":"by package log"`, `"@level":"info","@message":"closed","context":"context canceled"`,
		`"@level":"warn","@message":"clean-up failed","error":"no disk"`} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %s in the log:\n%s", want, stderr.String())
		}
	}
}

// bare hands out the connection.
type bare struct {
	goplugin.NetRPCUnsupportedPlugin
}

func (bare) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error { return errors.New("no plugin") }

func (bare) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}
