package dockerrestart

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/internal/enginetest/program"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

// idle is a program that does nothing until it is killed.
func idle(ctx context.Context, _ *program.Process) int {
	<-ctx.Done()
	return 0
}

// What a list and what follows it tell, over the protocol.
func TestTargets(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	node := e.RunContainer(enginetest.Spec{Name: "node", Image: "parity/polkadot:v1", Args: []string{"--chain", "kusama"}, Labels: map[string]string{"team": "a"}, Program: idle})
	service := e.CreateContainer(enginetest.Spec{Name: "stack-geth-1", Labels: map[string]string{labelService: "geth", labelProject: "stack", labelOneOff: "False"}})
	client := plugintest.ServeAction[Target](t, newPlugin(), `{"docker_host": "`+e.Host()+`"}`).Client()

	var listed []sdk.TargetItem
	err := client.WatchTargets(t.Context(), true, func(item sdk.TargetItem) error {
		listed = append(listed, item)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{labelService: "geth", labelProject: "stack", labelOneOff: "False"}
	want := []sdk.TargetItem{
		sdk.FoundTarget{ID: service.ID, Name: "stack-geth-1", Target: `{"project":"stack","service":"geth"}`, Labels: labels, Image: enginetest.ScriptImage, Command: []string{"/program", "wait"}},
		sdk.FoundTarget{ID: node.ID, Name: "node", Target: `{"container":"node"}`, Running: true, Labels: map[string]string{"team": "a"}, Image: "parity/polkadot:v1", Command: []string{"/program", "--chain", "kusama"}},
		sdk.TargetsListed{},
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}

	// Each change is made when the one before was told.
	enough := errors.New("enough")
	var seen []string
	err = client.WatchTargets(t.Context(), false, func(item sdk.TargetItem) error {
		switch item := item.(type) {
		case sdk.TargetsListed:
			seen = append(seen, "listed")
			service.Start()
		case sdk.FoundTarget:
			if len(seen) > 0 && item.ID == service.ID && item.Running {
				seen = append(seen, "started")
				node.Remove()
			}
		case sdk.TargetGone:
			seen = append(seen, "gone")
			if item.ID != node.ID {
				t.Errorf("%s is gone, want %s", item.ID, node.ID)
			}
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{"listed", "started", "gone"}, seen); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	for _, r := range e.Requests() {
		if r.Method != "GET" && r.Method != "HEAD" {
			t.Errorf("the engine was asked for %s %s", r.Method, r.Path)
		}
	}
}

// Without an engine the list is an error, and not an empty list.
func TestTargetsWithoutEngine(t *testing.T) {
	client := plugintest.ServeAction[Target](t, newPlugin(), `{"docker_host": "unix:///run/headwatch-absent.sock"}`).Client()
	for _, noFollow := range []bool{true, false} {
		err := client.WatchTargets(context.Background(), noFollow, func(item sdk.TargetItem) error {
			t.Errorf("told %T", item)
			return nil
		})
		if sdk.FailureOf(err) != sdk.FailureUnavailable {
			t.Errorf("no follow %v: error %v", noFollow, err)
		}
	}
}
