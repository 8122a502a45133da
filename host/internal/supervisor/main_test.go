package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
	"github.com/headwatch/headwatch/sdk/wire"
)

// TestMain lets the test binary be every plugin, and a host of its own: the name
// it is started by says which.
func TestMain(m *testing.M) {
	if serve, ok := roles()[filepath.Base(os.Args[0])]; ok {
		serve()
		return
	}
	// The race detector holds every process up for a second at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// roles are what the test binary can be.
func roles() map[string]func() {
	all := map[string]func(){
		"source":  func() { sdk.ServeHeadSource(sdk.Info{Name: "source", Version: "1.0.0"}, &source{}) },
		"action":  func() { sdk.ServeAction(sdk.Info{Name: "action", Version: "1.0.0"}, &action{}) },
		"deaf":    func() { os.Unsetenv(wire.LifelineVariable); roles()["action"]() },
		"crash":   func() { fmt.Fprintln(os.Stderr, "cannot find the moon"); os.Exit(3) },
		"silent":  untilHostEnds,
		"wordy":   func() { fmt.Println("Welcome to the wordy program"); untilHostEnds() },
		"newer":   func() { fmt.Println("1|99|unix|/nowhere|grpc"); untilHostEnds() },
		"says":    func() { fmt.Println(os.Getenv("HW_LINE")); untilHostEnds() },
		"foreign": serveForeign,
		"host":    beHost,
	}
	for _, name := range releases() {
		all[name] = func() { serveReleased(name) }
	}
	return all
}

// untilHostEnds blocks as long as the host holds the lifeline.
func untilHostEnds() { _, _ = io.Copy(io.Discard, os.NewFile(3, "lifeline")) }

// source is a head source that does as its config says.
type source struct {
	config sourceConfig
}

type sourceConfig struct {
	Best    uint64 `hw:"best,required"`
	Garbage string `hw:"garbage"`
	Print   string `hw:"print"`
	Refuse  string `hw:"refuse"`
	Die     string `hw:"die"`
}

var (
	_ sdk.HeadSource   = (*source)(nil)
	_ sdk.Configurable = (*source)(nil)
	_ sdk.Starter      = (*source)(nil)
)

func (s *source) Config() any { return &s.config }

func (s *source) Start(context.Context) error {
	if s.config.Refuse != "" {
		return errors.New(s.config.Refuse)
	}
	if s.config.Die == "at once" {
		os.Exit(6)
	}
	slog.Warn("source started", "best", s.config.Best)
	if s.config.Garbage != "" {
		fmt.Fprintln(os.NewFile(2, "stderr"), s.config.Garbage)
	}
	if s.config.Print != "" {
		fmt.Println(s.config.Print)
	}
	switch s.config.Die {
	case "panic":
		go panic("the sky fell")
	case "exit":
		go os.Exit(4)
	}
	return nil
}

// GetHead answers with the process's id as the finalized block, and the names of
// the variables that it sees as the hash.
func (s *source) GetHead(context.Context) (sdk.Head, error) {
	var names []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	return sdk.Head{Best: s.config.Best, Finalized: new(uint64(os.Getpid())), Hash: strings.Join(names, " ")}, nil
}

// action is an action whose target says what it does.
type action struct{ executed atomic.Int64 }

type actionTarget struct {
	Do    string `hw:"do"`
	Bytes int    `hw:"bytes"`
	File  string `hw:"file"`
}

var (
	_ sdk.Action[actionTarget]    = (*action)(nil)
	_ sdk.LogSource[actionTarget] = (*action)(nil)
)

func (a *action) Inspect(ctx context.Context, t actionTarget) (sdk.State, error) {
	switch t.Do {
	case "panic":
		panic("inspecting went wrong")
	case "exit":
		os.Exit(5)
	case "block":
		<-ctx.Done()
		return sdk.State{}, ctx.Err()
	case "child":
		return inspectChild()
	}
	return sdk.State{Exists: true, ID: fmt.Sprint(os.Getpid()), Notes: []string{strings.Repeat("x", t.Bytes)}}, nil
}

// inspectChild starts a process that holds this one's standard error open, and
// reports its id.
func inspectChild() (sdk.State, error) {
	child := exec.Command("sleep", "600")
	child.Stderr = os.NewFile(2, "stderr")
	if err := child.Start(); err != nil {
		return sdk.State{}, err
	}
	return sdk.State{Exists: true, ID: fmt.Sprint(child.Process.Pid)}, nil
}

// Execute counts, and waits for a file where the target names one.
func (a *action) Execute(ctx context.Context, t actionTarget, r sdk.Request) (sdk.Result, error) {
	count := a.executed.Add(1)
	if t.File != "" {
		pipe, err := os.Open(t.File)
		if err != nil {
			return sdk.Result{}, err
		}
		_, _ = io.Copy(io.Discard, pipe)
	}
	return sdk.Result{Outcome: sdk.Done, Detail: fmt.Sprintf("act %d of %s", count, r.ID)}, nil
}

// ReadLog ends the backlog and follows.
func (a *action) ReadLog(ctx context.Context, t actionTarget, _ sdk.ReadFrom, w sdk.LogWriter) error {
	if err := w.Send(sdk.BacklogEnd{}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// serveForeign is a plugin as another language would write it: a handshake line
// by hand, no TLS, no service of go-plugin.
func serveForeign() {
	path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "foreign")
	listener, err := net.Listen("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := grpc.NewServer()
	healthy := health.NewServer()
	healthy.SetServingStatus(goplugin.GRPCServiceName, grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(server, healthy)
	pluginv1.RegisterPluginServer(server, foreign{})
	fmt.Printf("1|1|unix|%s|grpc\n", path)
	go func() {
		untilHostEnds()
		os.Exit(0)
	}()
	_ = server.Serve(listener)
}

type foreign struct {
	pluginv1.UnimplementedPluginServer
}

func (foreign) GetInfo(context.Context, *pluginv1.GetInfoRequest) (*pluginv1.GetInfoResponse, error) {
	return &pluginv1.GetInfoResponse{Name: "foreign", Kinds: []string{"head_source"}}, nil
}

func (foreign) Configure(context.Context, *pluginv1.ConfigureRequest) (*pluginv1.ConfigureResponse, error) {
	return &pluginv1.ConfigureResponse{}, nil
}

// beHost runs a supervisor with one plugin, prints the plugin's id, and waits to
// be killed.
func beHost() {
	s, err := New(os.Args[1], slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	plugin := s.Keep(Spec{Block: "action.test", Path: os.Args[2], MTLS: true, Env: []string{"GORACE"}})
	go plugin.Run(context.Background())
	fmt.Println(pidOf(plugin))
	select {}
}
