package dockerrestart

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

var oneMount = []docker.Mount{{}}

func TestStateOf(t *testing.T) {
	start, end := engineTime("2026-11-22T13:13:51.753339926Z"), engineTime("2026-11-22T14:00:00Z")
	for name, test := range map[string]struct {
		in   docker.Container
		want sdk.State
	}{
		"running":    {docker.Container{Status: docker.Running}, sdk.State{Running: true}},
		"second run": {docker.Container{Status: docker.Running, FinishedAt: end}, sdk.State{Running: true, FinishedAt: end}},
		"by policy":  {docker.Container{Status: docker.Running, Restarts: 2}, sdk.State{Running: true, StartedBy: sdk.StartedByPolicy}},
		"paused":     {docker.Container{Status: docker.Paused}, sdk.State{Running: true, Paused: true}},
		"restarting": {docker.Container{Status: docker.Restarting, ExitCode: 3, FinishedAt: end},
			sdk.State{Running: true, Restarting: true, FinishedAt: end, ExitCode: new(3)}},
		"exited": {docker.Container{Status: docker.Exited, ExitCode: 137, OOMKilled: true, FinishedAt: end},
			sdk.State{FinishedAt: end, ExitCode: new(137), OOMKilled: true}},
		"dead": {docker.Container{Status: docker.Dead, FinishedAt: end}, sdk.State{FinishedAt: end, ExitCode: new(0)}},
	} {
		t.Run(name, func(t *testing.T) {
			test.in.ID, test.in.Name, test.in.StartedAt, test.in.Mounts = "cafe", "node", start, oneMount
			test.want.Exists, test.want.ID, test.want.Name, test.want.StartedAt = true, "cafe", "node", start
			if test.want.StartedBy == "" {
				test.want.StartedBy = sdk.StartedByCall
			}
			if diff := cmp.Diff(test.want, stateOf(test.in)); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	for name, test := range map[string]struct {
		c    docker.Container
		want []string // the beginnings
	}{
		"nothing to say": {docker.Container{Mounts: oneMount, Program: "/usr/bin/aleph-node"}, nil},
		"purge":          {docker.Container{Mounts: oneMount, Env: []string{"A=b", "PURGE_BEFORE_START=True"}}, []string{"PURGE_BEFORE_START"}},
		"no purge":       {docker.Container{Mounts: oneMount, Env: []string{"PURGE_BEFORE_START=false"}}, nil},
		"no volume":      {docker.Container{}, []string{"the container has no volume"}},
		"removed":        {docker.Container{Mounts: oneMount, AutoRemove: true}, []string{"the container is removed"}},
		"no log":         {docker.Container{Mounts: oneMount, LogDriver: "none"}, []string{"the container's log driver"}},
		"shell":          {docker.Container{Mounts: oneMount, Program: "/bin/bash", StopTimeout: new(60)}, []string{"the container's first process"}},
		"hasty shell":    {docker.Container{Mounts: oneMount, Program: "sh"}, []string{"the container's first process", "the container is killed after 10s"}},
		"one-off":        {docker.Container{Mounts: oneMount, Labels: map[string]string{labelOneOff: "True"}}, []string{"it is a one-off"}},
		"service":        {docker.Container{Mounts: oneMount, Labels: map[string]string{labelOneOff: "False"}}, nil},
		"swarm":          {docker.Container{Mounts: oneMount, Labels: map[string]string{labelSwarmTask: "x"}}, []string{"it is a task"}},
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
			if got := config.seconds(docker.Container{StopTimeout: test.own}); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	one := func(id string, s docker.Status, second int) docker.Listed {
		return docker.Listed{ID: id, Names: []string{"p-node-" + id, "other/node"}, Status: s, CreatedAt: time.Unix(int64(second), 0)}
	}
	for name, test := range map[string]struct {
		all  []docker.Listed
		want string // id, or the beginning of the error
	}{
		"none":                   {nil, "no such container"},
		"one":                    {[]docker.Listed{one("1", docker.Running, 1)}, "1"},
		"the one that runs":      {[]docker.Listed{one("1", docker.Exited, 1), one("2", docker.Running, 2), one("3", docker.Created, 3)}, "2"},
		"paused counts as runs":  {[]docker.Listed{one("1", docker.Paused, 1), one("2", docker.Exited, 2)}, "1"},
		"the newest that is not": {[]docker.Listed{one("1", docker.Exited, 1), one("3", docker.Created, 3), one("2", docker.Dead, 2)}, "3"},
		"several":                {[]docker.Listed{one("2", docker.Running, 1), one("1", docker.Restarting, 2)}, `find the container of service "node": 2 run (p-node-1, p-node-2)`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := choose(Target{Service: "node"}, test.all)
			if err != nil {
				got.ID = err.Error()
			}
			if !strings.HasPrefix(got.ID, test.want) || err == nil && got.ID != test.want {
				t.Errorf("got %q, want %q", got.ID, test.want)
			}
		})
	}
}
