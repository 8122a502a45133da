package enginetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
)

var actCases = []conformanceCase{
	{"the events of a restart", func(t *testing.T, l *lab) {
		id := l.run(t, "out:up", "wait")
		<-l.follow(t, id, "") // it hears signals from its first line on
		before := time.Now()
		must(t, l.ContainerRestart(t.Context(), id, container.StopOptions{}))
		got := l.actions(t, before, id, `{"type":["container"]}`)
		equal(t, "events", got, []string{"kill 15", "die 0", "stop", "start", "restart"})
	}},
	{"a program that ignores SIGTERM", func(t *testing.T, l *lab) {
		id := l.run(t, "deaf:", "out:up", "wait")
		<-l.follow(t, id, "") // it is deaf from its first line on
		before, second := time.Now(), 1
		must(t, l.ContainerRestart(t.Context(), id, container.StopOptions{Timeout: &second}))
		if took := time.Since(before); took < time.Second {
			t.Errorf("killed after %v, want a second of grace", took)
		}
		got := l.actions(t, before, id, `{"type":["container"]}`)
		equal(t, "events", got, []string{"kill 15", "kill 9", "die 137", "stop", "start", "restart"})
	}},
	{"a restart is a new run", func(t *testing.T, l *lab) {
		id := l.run(t, "wait")
		first := l.inspect(t, id).State
		must(t, l.ContainerRestart(t.Context(), id, container.StopOptions{}))
		second := l.inspect(t, id).State
		if !stamp(t, second.StartedAt).After(stamp(t, second.FinishedAt)) || !stamp(t, second.FinishedAt).After(stamp(t, first.StartedAt)) {
			t.Errorf("started %s, finished %s, started %s: not in this order", first.StartedAt, second.FinishedAt, second.StartedAt)
		}
		equal(t, "state", []any{second.Status, second.ExitCode}, []any{"running", 0})
	}},
	{"a restart revives what has ended or never ran", func(t *testing.T, l *lab) {
		for name, id := range map[string]string{"ended": l.finished(t, Spec{Args: []string{"first:exit:3", "wait"}}), "never ran": l.create(t, Spec{Args: []string{"wait"}})} {
			before := time.Now()
			must(t, l.ContainerRestart(t.Context(), id, container.StopOptions{}))
			equal(t, name, l.inspect(t, id).State.Status, "running")
			equal(t, name, l.actions(t, before, id, `{"type":["container"]}`), []string{"start", "restart"})
		}
	}},
	{"a restart wakes what is paused", func(t *testing.T, l *lab) {
		id := l.run(t, "wait")
		must(t, l.ContainerPause(t.Context(), id))
		must(t, l.ContainerRestart(t.Context(), id, container.StopOptions{}))
		equal(t, "status", l.inspect(t, id).State.Status, "running")
	}},
	{"two restarts at once are one", func(t *testing.T, l *lab) {
		id := l.run(t, "deaf:", "out:up", "wait")
		<-l.follow(t, id, "")
		before, grace := time.Now(), 3 // long enough for the second to come before the kill
		failed := make(chan error, 2)
		for range 2 {
			go func() { failed <- l.ContainerRestart(t.Context(), id, container.StopOptions{Timeout: &grace}) }()
		}
		done := 0
		for range 2 {
			// A real engine may lose the race for the kill and then refuse one.
			if err := <-failed; err == nil {
				done++
			} else if !strings.HasSuffix(err.Error(), "is not running") {
				t.Error(err)
			}
		}
		count := map[string]int{}
		for _, action := range l.actions(t, before, id, `{"type":["container"],"event":["die","start","restart"]}`) {
			count[action]++
		}
		equal(t, "events", count, map[string]int{"die 137": 1, "start": 1, "restart": max(done, 1)})
	}},
	{"the policy restarts, a manual restart counts anew", func(t *testing.T, l *lab) {
		id := l.runSpec(t, Spec{Args: []string{"first:exit:3", "out:again", "wait"}, RestartPolicy: "on-failure"})
		l.until(t, id, func(c container.InspectResponse) bool { return c.RestartCount == 1 && c.State.Status == "running" })
		must(t, l.ContainerRestart(t.Context(), id, container.StopOptions{}))
		equal(t, "count", l.inspect(t, id).RestartCount, 0)
	}},
	{"a stop switches the policy off", func(t *testing.T, l *lab) {
		id := l.runSpec(t, Spec{Args: []string{"wait"}, RestartPolicy: "always"})
		must(t, l.ContainerStop(t.Context(), id, container.StopOptions{}))
		equal(t, "status", l.inspect(t, id).State.Status, "exited")
	}},
	{"nothing to do", func(t *testing.T, l *lab) {
		up, down := l.run(t, "wait"), l.create(t, Spec{})
		equal(t, "start", l.status(t, "POST", l.path("/containers/%s/start", up)), 304)
		equal(t, "stop", l.status(t, "POST", l.path("/containers/%s/stop", down)), 304)
		l.refuses(t, "POST", l.path("/containers/%s/kill", down), 409, fmt.Sprintf("Cannot kill container: %s: Container %s is not running", down, down))
		l.refuses(t, "POST", l.path("/containers/%s/kill?signal=NOPE", up), 400, "Invalid signal: NOPE")
		l.refuses(t, "POST", l.path("/containers/%s/pause", down), 409, fmt.Sprintf("Container %s is not running", down))
	}},
	{"both encodings of the filters of events", func(t *testing.T, l *lab) {
		before := time.Now()
		id := l.finished(t, Spec{Args: []string{"exit:4"}})
		for _, filter := range []string{`{"event":["die"],"type":["container"]}`, `{"event":{"die":true},"type":{"container":true}}`} {
			equal(t, filter, l.actions(t, before, id, filter), []string{"die 4"})
		}
	}},
	{"the filter of events by container takes the beginning", func(t *testing.T, l *lab) {
		before := time.Now()
		id := l.create(t, Spec{})
		name := l.inspect(t, id).Name[1:]
		for _, ref := range []string{id, id[:12], name, name[:len(name)-1]} {
			equal(t, ref, l.actions(t, before, id, fmt.Sprintf(`{"container":[%q]}`, ref)), []string{"create"})
		}
	}},
	{"a removed container is unknown", func(t *testing.T, l *lab) {
		id := l.run(t, "wait")
		l.refusesRemoval(t, id)
		must(t, RemoveContainer(t.Context(), l.Client, id))
		equal(t, "status", l.status(t, "GET", l.path("/containers/%s/json", id)), 404)
	}},
}

func (l *lab) refusesRemoval(t *testing.T, id string) {
	t.Helper()
	equal(t, "removal without force", l.status(t, "DELETE", l.path("/containers/%s", id)), 409)
}

// until waits for a state of the container.
func (l *lab) until(t *testing.T, id string, reached func(container.InspectResponse) bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(90 * time.Second)
	for !reached(l.inspect(t, id)) {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("the state was not reached")
		}
	}
}
