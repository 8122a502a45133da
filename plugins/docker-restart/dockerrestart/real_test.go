package dockerrestart

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	dockertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

func startContainer(t testing.TB, api *client.Client, id string) {
	t.Helper()
	if err := api.ContainerStart(t.Context(), id, dockertypes.StartOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestReal runs on the real engine.
func TestReal(t *testing.T) {
	t.Parallel()
	api := enginetest.RealEngine(t)
	image := enginetest.Image(t, api, scriptCommand)
	for name, test := range map[string]func(*testing.T, *client.Client, string){
		"ten restarts and recreation": realTenRestartsAndRecreation,
		"restart":                     realRestart,
		"stopped container":           realStoppedContainer,
		"start exited":                realStartExited,
		"absent container":            realAbsentContainer,
		"resume by cursor":            realResumeByCursor,
		"terminal":                    realTerminal,
		"long lines":                  realLongLines,
		"rotating log":                realRotatingLog,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, api, image)
		})
	}
}

// numbered are the lines that a script prints in some runs.
func numbered(runs, lines int) []string {
	var want []string
	for run := range runs {
		for k := range lines {
			want = append(want, fmt.Sprintf("run %d line %d", run+1, k+1))
		}
	}
	return want
}

func realTenRestartsAndRecreation(t *testing.T, api *client.Client, image string) {
	const lines = 30
	spec := enginetest.Spec{
		Name: enginetest.NewName(), Image: image, StopTimeout: new(5),
		Args: []string{"pace:5ms", "lines:" + fmt.Sprint(lines), "bye:the end", "wait:"},
	}
	target := Target{Container: spec.Name}
	id := realContainer(t, api, spec)
	p := startPlugin(t, "", nil)
	host := logtest.NewRecorder()
	read(t, p, target, sdk.ReadFrom{Tail: 1000}, host)

	var starts []string
	for run := 1; run <= 11; run++ {
		last := fmt.Sprintf("line run %d line %d", run, lines)
		host.UntilItem(t, last)
		starts = append(starts, inspect(t, p, target).StartedAt.Format(time.RFC3339Nano))
		if run <= 10 {
			outcome(t, restart(t, p, target, fmt.Sprint(run)), sdk.Done)
		}
	}
	if err := enginetest.RemoveContainer(context.Background(), api, id); err != nil {
		t.Fatal(err)
	}
	again := realContainer(t, api, spec)
	items := host.Until(t, "the re-created container", func(items []string) bool {
		return logtest.Count(items, fmt.Sprintf("line run 1 line %d", lines)) == 2
	})
	starts = append(starts, inspect(t, p, target).StartedAt.Format(time.RFC3339Nano))
	if state := inspect(t, p, target); state.ID != again {
		t.Errorf("inspect found %s, want %s", state.ID, again)
	}

	want := append(numbered(11, lines), numbered(1, lines)...)
	got := slices.DeleteFunc(logtest.Only(items, "line "), func(s string) bool { return !strings.HasPrefix(s, "run ") })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(starts, logtest.Only(items, "run ")); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	checkRuns(t, items)
	if n := logtest.Count(items, "backlog end"); n != 1 {
		t.Errorf("%d ends of the backlog, want 1", n)
	}
	if n := logtest.Count(items, "gap") + logtest.Count(items, "unreadable"); n != 0 {
		t.Errorf("gaps or trouble:\n%s", strings.Join(slices.Concat(logtest.Only(items, "gap"), logtest.Only(items, "unreadable")), "\n"))
	}
}

// checkRuns wants each numbered line behind the start of its own run.
func checkRuns(t testing.TB, items []string) {
	t.Helper()
	run, created := 0, 0
	for _, item := range items {
		var of, line int
		if strings.HasPrefix(item, "run ") {
			run++
		}
		if n, _ := fmt.Sscanf(item, "line run %d line %d", &of, &line); n != 2 {
			continue
		}
		if of == 1 && line == 1 {
			created = run - 1
		}
		if run-created != of {
			t.Fatalf("%q stands in run %d", item, run-created)
		}
	}
}

// realScene starts a container of a script and a plugin on the real engine.
func realScene(t *testing.T, api *client.Client, image string, change func(*Config), args ...string) (*plugin, Target) {
	t.Helper()
	spec := enginetest.Spec{
		Name:  enginetest.NewName(),
		Image: image,
		Args:  args,
	}
	realContainer(t, api, spec)
	return startPlugin(t, "", change), Target{Container: spec.Name}
}

// untilUp waits until the program has printed "up" in its current run. One that
// a real engine stops before it listens to signals ends with the code of Go's
// runtime instead of its own.
func untilUp(t *testing.T, p *plugin, target Target) {
	t.Helper()
	host := logtest.NewRecorder()
	stop := read(t, p, target, sdk.ReadFrom{Tail: 100}, host)
	host.UntilItem(t, "line up")
	_ = stop() // it was canceled
}

func realRestart(t *testing.T, api *client.Client, image string) {
	p, target := realScene(t, api, image, func(c *Config) { c.StopTimeout = time.Second }, "first:deaf:", "out:up", "wait:")
	untilUp(t, p, target)
	before := inspect(t, p, target)
	got := restart(t, p, target, "1")
	outcome(t, got, sdk.Done)
	if code := codeText(got.ExitCode); !got.Killed || code != "137" || got.StopTook < 900*time.Millisecond {
		t.Errorf("killed %v with code %s after %s, want 137 after a second", got.Killed, code, got.StopTook)
	}
	untilUp(t, p, target)
	got = restart(t, p, target, "2")
	outcome(t, got, sdk.Done)
	if code := codeText(got.ExitCode); got.Killed || code != "0" {
		t.Errorf("killed %v with code %s, want code 0", got.Killed, code)
	}
	if after := inspect(t, p, target); !after.StartedAt.Equal(got.StartedAt) || after.ID != before.ID || !after.Running {
		t.Errorf("state is %+v, want a run that began at %s", after, got.StartedAt)
	}
}

func realStoppedContainer(t *testing.T, api *client.Client, image string) {
	p, target := realScene(t, api, image, func(c *Config) { c.StartExited = true }, "out:up", "wait:")
	untilUp(t, p, target)
	state := inspect(t, p, target)
	if err := api.ContainerStop(t.Context(), state.ID, dockertypes.StopOptions{}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(logtest.Patience); !p.history.heardEnd(state.ID) && time.Now().Before(deadline); {
		_ = inspect(t, p, target)
	}
	stopped := inspect(t, p, target)
	if code := codeText(stopped.ExitCode); stopped.Running || stopped.MayStart || code != "0" {
		t.Errorf("exit code %s, want 0; state is %+v", code, stopped)
	}
	for _, resume := range []bool{false, true} {
		request := sdk.Request{ID: "1", TargetID: state.ID, RunStartedAt: state.StartedAt, AskedAt: time.Now().Add(time.Minute), Resume: resume}
		got, err := p.Execute(t.Context(), target, request)
		if err != nil {
			t.Fatal(err)
		}
		outcome(t, got, sdk.NotDone)
	}
	if after := inspect(t, p, target); after.Running {
		t.Error("it was started")
	}
}

func realStartExited(t *testing.T, api *client.Client, image string) {
	p, target := realScene(t, api, image, func(c *Config) { c.StartExited = true }, "first:sleep:300ms", "first:exit:3", "wait:")
	id := inspect(t, p, target).ID
	for deadline := time.Now().Add(logtest.Patience); !p.history.heardEnd(id) && time.Now().Before(deadline); {
		_ = inspect(t, p, target)
	}
	exited := inspect(t, p, target)
	if code := codeText(exited.ExitCode); !exited.MayStart || code != "3" {
		t.Fatalf("exit code %s, want 3; state is %+v", code, exited)
	}
	outcome(t, restart(t, p, target, "1"), sdk.Done)
	if after := inspect(t, p, target); !after.Running {
		t.Errorf("state is %+v", after)
	}
}

func realAbsentContainer(t *testing.T, api *client.Client, image string) {
	p := startPlugin(t, "", nil)
	target := Target{Container: enginetest.NewName()}
	if state := inspect(t, p, target); state.Exists {
		t.Errorf("state is %+v", state)
	}
	got, err := p.Execute(t.Context(), target, sdk.Request{ID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	outcome(t, got, sdk.NotDone)
}

func realResumeByCursor(t *testing.T, api *client.Client, image string) {
	p, target := realScene(t, api, image, nil, "pace:2ms", "lines:300", "wait:")
	var got []string
	var cursor []byte
	for part := range 4 {
		host := logtest.NewRecorder()
		stop := read(t, p, target, sdk.ReadFrom{Cursor: cursor, Tail: 1000}, host)
		switch part {
		case 0:
			host.UntilItem(t, "line run 1 line 40")
		case 1:
			host.UntilItem(t, "line run 1 line 300")
		case 2:
			outcome(t, restart(t, p, target, "1"), sdk.Done)
			host.UntilItem(t, "line run 2 line 10")
		case 3:
			host.UntilItem(t, "line run 2 line 300")
		}
		_ = stop()
		items := host.Items()
		if n := logtest.Count(items, "gap") + logtest.Count(items, "unreadable"); n != 0 {
			t.Errorf("%d gaps or troubles", n)
		}
		got, cursor = append(got, logtest.Only(items, "line ")...), host.Cursor()
		p = startPlugin(t, "", nil) // as in a new process
	}
	if diff := cmp.Diff(numbered(2, 300), got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func realTerminal(t *testing.T, api *client.Client, image string) {
	spec := enginetest.Spec{
		Name: enginetest.NewName(), Image: image, TTY: true,
		Args: []string{"out:before", "long:40000", "err:after", "wait:"},
	}
	realContainer(t, api, spec)
	host := logtest.NewRecorder()
	read(t, startPlugin(t, "", nil), Target{Container: spec.Name}, sdk.ReadFrom{Tail: 100}, host)
	items := host.UntilItem(t, "line after")
	if diff := cmp.Diff([]string{"before", strings.Repeat("x", 40_000), "after"}, logtest.Only(items, "line ")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func realLongLines(t *testing.T, api *client.Client, image string) {
	p, target := realScene(t, api, image, nil, "long:40000", "long:1100000", "out:after", "raw:last", "exit:0")
	host := logtest.NewRecorder()
	read(t, p, target, sdk.ReadFrom{Tail: 1000}, host)
	items := host.UntilItem(t, "line last")
	want := []string{strings.Repeat("x", 40_000), strings.Repeat("x", dockerlog.MaxLine), "after", "last"}
	if diff := cmp.Diff(want, logtest.Only(items, "line ")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", docker.Brief(diff))
	}
}
