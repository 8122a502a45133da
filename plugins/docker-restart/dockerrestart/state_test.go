package dockerrestart

import (
	"strings"
	"testing"
	"time"

	dockertypes "github.com/docker/docker/api/types/container"
	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

func TestStateOf(t *testing.T) {
	start, end := engineTime("2026-11-22T13:13:51.753339926Z"), engineTime("2026-11-22T14:00:00Z")
	const never = "0001-01-01T00:00:00Z"
	for name, test := range map[string]struct {
		in   dockertypes.State
		want sdk.State
	}{
		"running":    {dockertypes.State{Status: "running", Running: true, FinishedAt: never}, sdk.State{Running: true}},
		"second run": {dockertypes.State{Status: "running", Running: true, FinishedAt: end.Format(time.RFC3339Nano)}, sdk.State{Running: true, FinishedAt: end}},
		"paused":     {dockertypes.State{Status: "paused", Running: true, Paused: true, FinishedAt: never}, sdk.State{Running: true, Paused: true}},
		"restarting": {dockertypes.State{Status: "restarting", Running: true, Restarting: true, ExitCode: 3, FinishedAt: end.Format(time.RFC3339Nano)},
			sdk.State{Running: true, Restarting: true, FinishedAt: end, ExitCode: new(3)}},
		"paused while restarting": {dockertypes.State{Status: "paused", Running: true, Paused: true, Restarting: true, FinishedAt: never}, sdk.State{Running: true, Paused: true}},
		"exited": {dockertypes.State{Status: "exited", ExitCode: 137, OOMKilled: true, FinishedAt: end.Format(time.RFC3339Nano)},
			sdk.State{FinishedAt: end, ExitCode: new(137), OOMKilled: true}},
		"dead": {dockertypes.State{Status: "dead", Dead: true, FinishedAt: end.Format(time.RFC3339Nano)}, sdk.State{FinishedAt: end, ExitCode: new(0)}},
	} {
		t.Run(name, func(t *testing.T) {
			test.in.StartedAt = start.Format(time.RFC3339Nano)
			answer := dockertypes.InspectResponse{
				ContainerJSONBase: &dockertypes.ContainerJSONBase{ID: "cafe", Name: "/node", State: &test.in},
				Mounts:            []dockertypes.MountPoint{{}},
			}
			c, err := fromInspect(answer)
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			want.Exists, want.ID, want.Name, want.StartedAt = true, "cafe", "node", start
			if diff := cmp.Diff(want, stateOf(c)); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromInspectRefusesOtherAnswers(t *testing.T) {
	for name, answer := range map[string]dockertypes.InspectResponse{
		"nothing":  {},
		"no id":    {ContainerJSONBase: &dockertypes.ContainerJSONBase{State: &dockertypes.State{}}},
		"no state": {ContainerJSONBase: &dockertypes.ContainerJSONBase{ID: "cafe"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c, err := fromInspect(answer); err == nil {
				t.Errorf("read as %+v", c)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	for name, test := range map[string]struct {
		c    container
		want []string // the beginnings
	}{
		"nothing to say": {container{mounts: 1, program: "/usr/bin/aleph-node"}, nil},
		"purge":          {container{mounts: 1, env: []string{"A=b", "PURGE_BEFORE_START=True"}}, []string{"PURGE_BEFORE_START"}},
		"no purge":       {container{mounts: 1, env: []string{"PURGE_BEFORE_START=false"}}, nil},
		"no volume":      {container{}, []string{"the container has no volume"}},
		"removed":        {container{mounts: 1, autoRemove: true}, []string{"the container is removed"}},
		"no log":         {container{mounts: 1, logDriver: "none"}, []string{"the container's log driver"}},
		"shell":          {container{mounts: 1, program: "/bin/bash", stopTimeout: new(60)}, []string{"the container's first process"}},
		"hasty shell":    {container{mounts: 1, program: "sh"}, []string{"the container's first process", "the container is killed after 10s"}},
		"one-off":        {container{mounts: 1, labels: map[string]string{labelOneOff: "True"}}, []string{"it is a one-off"}},
		"service":        {container{mounts: 1, labels: map[string]string{labelOneOff: "False"}}, nil},
		"swarm":          {container{mounts: 1, labels: map[string]string{labelSwarmTask: "x"}}, []string{"it is a task"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := notes(test.c)
			if len(got) != len(test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			for i, beginning := range test.want {
				if !strings.HasPrefix(got[i], beginning) {
					t.Errorf("note is %q, want %q", got[i], beginning)
				}
			}
		})
	}
}

func TestSeconds(t *testing.T) {
	for name, test := range map[string]struct {
		configured time.Duration
		own        *int
		want       int
	}{
		"engine's":        {0, nil, 10},
		"container's":     {0, new(300), 300},
		"at once":         {0, new(0), 0},
		"without end":     {0, new(-1), 3600},
		"configured":      {2 * time.Minute, new(10), 120},
		"part of seconds": {1500 * time.Millisecond, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			config := Config{StopTimeout: test.configured}
			if got := config.seconds(container{stopTimeout: test.own}); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestFirstStamp(t *testing.T) {
	start := engineTime("2026-11-22T13:00:10Z")
	for name, test := range map[string]struct {
		finished time.Time
		want     time.Duration // before the start
	}{
		"first run":       {time.Time{}, time.Second},
		"long stop":       {start.Add(-time.Minute), time.Second},
		"short stop":      {start.Add(-400 * time.Millisecond), 200 * time.Millisecond},
		"ended since":     {start.Add(time.Minute), earliest},
		"ended when born": {start, earliest},
	} {
		t.Run(name, func(t *testing.T) {
			got := firstStamp(container{startedAt: start, finishedAt: test.finished})
			if want := start.Add(-test.want).UnixNano(); got != want {
				t.Errorf("%s before the start, want %s", time.Duration(start.UnixNano()-got), test.want)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	one := func(id string, s status, second int) listed {
		return listed{id: id, names: []string{"p-node-" + id, "other/node"}, status: s, createdAt: time.Unix(int64(second), 0)}
	}
	for name, test := range map[string]struct {
		all  []listed
		want string // id, or the beginning of the error
	}{
		"none":                   {nil, "no such container"},
		"one":                    {[]listed{one("1", statusRunning, 1)}, "1"},
		"the one that runs":      {[]listed{one("1", statusExited, 1), one("2", statusRunning, 2), one("3", statusCreated, 3)}, "2"},
		"paused counts as runs":  {[]listed{one("1", statusPaused, 1), one("2", statusExited, 2)}, "1"},
		"the newest that is not": {[]listed{one("1", statusExited, 1), one("3", statusCreated, 3), one("2", statusDead, 2)}, "3"},
		"several":                {[]listed{one("2", statusRunning, 1), one("1", statusRestarting, 2)}, `find the container of service "node": 2 run (p-node-1, p-node-2)`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := choose(Target{Service: "node"}, test.all)
			if err != nil {
				got.id = err.Error()
			}
			if !strings.HasPrefix(got.id, test.want) || err == nil && got.id != test.want {
				t.Errorf("got %q, want %q", got.id, test.want)
			}
		})
	}
}

func TestEndings(t *testing.T) {
	start := engineTime("2026-11-22T13:00:00Z")
	end := start.Add(time.Hour)
	say := func(action, signal string) event { return event{id: "cafe", action: action, signal: signal, at: start} }
	die := event{id: "cafe", action: "die", at: end}
	const whole = -time.Minute // the watch began after the run
	for name, test := range map[string]struct {
		watched time.Duration // before the end
		events  []event
		code    int
		oom     bool
		want    bool
	}{
		"seen from the start":    {whole, []event{say("start", ""), die}, 1, false, true},
		"not seen":               {whole, nil, 1, false, false},
		"start not seen":         {time.Minute, []event{die}, 1, false, false},
		"watched for long":       {time.Hour, []event{die}, 1, false, true},
		"stopped":                {whole, []event{say("start", ""), say("kill", "15"), die, say("stop", "")}, 0, false, false},
		"stop told late":         {whole, []event{say("start", ""), die, say("stop", "")}, 0, false, false},
		"killed":                 {whole, []event{say("start", ""), say("kill", "9"), die}, 137, false, false},
		"told to reopen files":   {whole, []event{say("start", ""), say("kill", "10"), die}, 1, false, true},
		"stopped the run before": {whole, []event{say("kill", "15"), say("stop", ""), say("start", ""), die}, 1, false, true},
		"no memory":              {whole, []event{say("start", ""), say("oom", ""), die}, 137, true, true},
		"signal from outside":    {whole, []event{say("start", ""), die}, 143, false, false},
		"exited well":            {whole, []event{say("start", ""), die}, 0, false, true},
		"removed":                {whole, []event{say("start", ""), die, say("destroy", "")}, 1, false, false},
		"another end":            {whole, []event{say("start", ""), {id: "cafe", action: "die", at: start}}, 1, false, false},
		"another container":      {whole, []event{{id: "beef", action: "start"}, {id: "beef", action: "die", at: end}}, 1, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndings(nil)
			e.since = end.Add(-test.watched)
			for _, one := range test.events {
				e.hear(one)
			}
			c := container{id: "cafe", status: statusExited, finishedAt: end, exitCode: test.code, oomKilled: test.oom}
			if got := e.exitedByItself(c); got != test.want {
				t.Errorf("by itself: %v, want %v", got, test.want)
			}
			e.breakOff()
			if test.want && e.exitedByItself(c) {
				t.Error("still certain after the events broke off")
			}
		})
	}
}
