package dockerrestart

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/client"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// scriptCommand is the program of test containers.
const scriptCommand = "github.com/headwatch/headwatch/internal/enginetest/scriptcmd"

// startPlugin is a configured plugin for an engine.
func startPlugin(t testing.TB, host string, change func(*Config)) *plugin {
	t.Helper()
	p := newPlugin()
	p.config.DockerHost = host
	if change != nil {
		change(&p.config)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() }) // which never fails
	return p
}

// read follows a target's log until the returned function is called, which
// returns the error that the reading ended with.
func read(t testing.TB, p *plugin, target Target, from sdk.ReadFrom, w sdk.LogWriter) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.ReadLog(ctx, target, from, w) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

// inspect asks for the state and wants an answer.
func inspect(t testing.TB, p *plugin, target Target) sdk.State {
	t.Helper()
	state, err := p.Inspect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// restart executes a request for the run that the target has now.
func restart(t testing.TB, p *plugin, target Target, id string) sdk.Result {
	t.Helper()
	state := inspect(t, p, target)
	result, err := p.Execute(t.Context(), target, sdk.Request{ID: id, TargetID: state.ID, RunStartedAt: state.StartedAt, AskedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// outcome wants a result of this kind.
func outcome(t testing.TB, got sdk.Result, want sdk.Outcome) {
	t.Helper()
	if got.Outcome != want {
		t.Fatalf("outcome is %d (%s), want %d", got.Outcome, got.Detail, want)
	}
}

// codeText is an exit code as a message shows it.
func codeText(code *int) string {
	if code == nil {
		return "none"
	}
	return strconv.Itoa(*code)
}

// realContainer makes and starts a container on the real engine.
func realContainer(t testing.TB, api *client.Client, spec enginetest.Spec) (id string) {
	t.Helper()
	id = enginetest.NewContainer(t, api, spec)
	startContainer(t, api, id)
	return id
}

// engineTime reads a stamp as the engine writes it.
func engineTime(s string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return at
}

// dockerEngine is the plugin's client of an engine.
func dockerEngine(t testing.TB, host string) *docker.Engine {
	t.Helper()
	to, err := docker.NewConnection(host, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	return docker.NewEngine(to)
}
