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

	"github.com/headwatch/headwatch/plugins/docker-restart/enginetest"
	"github.com/headwatch/headwatch/sdk"
)

func startContainer(t testing.TB, api *client.Client, id string) {
	t.Helper()
	if err := api.ContainerStart(t.Context(), id, dockertypes.StartOptions{}); err != nil {
		t.Fatal(err)
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

func TestRealTenRestartsAndRecreation(t *testing.T) {
	api := enginetest.RealEngine(t)
	image := enginetest.Image(t, api, scriptCommand)
	const lines = 30
	spec := enginetest.Spec{
		Name: "headwatch-test-restarts", Image: image, StopTimeout: new(5),
		Args: []string{"pace:5ms", "lines:" + fmt.Sprint(lines), "bye:the end", "wait:"},
	}
	target := Target{Container: spec.Name}
	id := realContainer(t, api, spec)
	p := startPlugin(t, "", nil)
	host := newRecorder()
	read(t, p, target, sdk.ReadFrom{Tail: 1000}, host)

	var starts []string
	for run := 1; run <= 11; run++ {
		last := fmt.Sprintf("line run %d line %d", run, lines)
		host.untilItem(t, last)
		starts = append(starts, inspect(t, p, target).StartedAt.Format(time.RFC3339Nano))
		if run <= 10 {
			outcome(t, restart(t, p, target, fmt.Sprint(run)), sdk.Done)
		}
	}
	if err := enginetest.RemoveContainer(context.Background(), api, id); err != nil {
		t.Fatal(err)
	}
	again := realContainer(t, api, spec)
	items := host.until(t, "the re-created container", func(items []string) bool {
		return count(items, fmt.Sprintf("line run 1 line %d", lines)) == 2
	})
	starts = append(starts, inspect(t, p, target).StartedAt.Format(time.RFC3339Nano))
	if state := inspect(t, p, target); state.ID != again {
		t.Errorf("inspect found %s, want %s", state.ID, again)
	}

	want := append(numbered(11, lines), numbered(1, lines)...)
	got := slices.DeleteFunc(only(items, "line "), func(s string) bool { return !strings.HasPrefix(s, "run ") })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(starts, only(items, "run ")); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	checkRuns(t, items)
	if n := count(items, "backlog end"); n != 1 {
		t.Errorf("%d ends of the backlog, want 1", n)
	}
	if n := count(items, "gap") + count(items, "unreadable"); n != 0 {
		t.Errorf("gaps or trouble:\n%s", strings.Join(slices.Concat(only(items, "gap"), only(items, "unreadable")), "\n"))
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
