package enginetest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
)

var eventCases = []conformanceCase{
	{"a rename is told with both names", func(t *testing.T, l *lab) {
		id, before := l.run(t, "wait"), time.Now()
		old := strings.TrimPrefix(l.inspect(t, id).Name, "/")
		must(t, l.ContainerRename(t.Context(), id, old+"-renamed"))
		for _, m := range l.events(t, past(before, "rename")) {
			if m.Actor.ID == id {
				equal(t, "names", []string{m.Actor.Attributes["oldName"], m.Actor.Attributes["name"]}, []string{"/" + old, old + "-renamed"})
				return
			}
		}
		t.Error("nothing was told")
	}},
	{"an update, a pause and its end are told", func(t *testing.T, l *lab) {
		id, before := l.run(t, "wait"), time.Now()
		_, err := l.ContainerUpdate(t.Context(), id, container.UpdateConfig{RestartPolicy: container.RestartPolicy{Name: "always"}})
		must(t, err)
		must(t, l.ContainerPause(t.Context(), id))
		must(t, l.ContainerUnpause(t.Context(), id))
		equal(t, "events", l.actions(t, before, id, `{"type":["container"]}`), []string{"update", "pause", "unpause"})
	}},
	{"a removal is told with the name", func(t *testing.T, l *lab) {
		id, before := l.create(t, Spec{}), time.Now()
		name := strings.TrimPrefix(l.inspect(t, id).Name, "/")
		must(t, RemoveContainer(t.Context(), l.Client, id))
		for _, m := range l.events(t, past(before, "destroy")) {
			if m.Actor.ID == id {
				equal(t, "name", m.Actor.Attributes["name"], name)
				return
			}
		}
		t.Error("nothing was told")
	}},
	{"a stop is told when it begins", func(t *testing.T, l *lab) {
		id := l.run(t, "deaf:", "out:up", "wait")
		<-l.follow(t, id, "") // it is deaf from its first line on
		before, stopped, grace := time.Now(), make(chan error, 1), 3
		go func() { stopped <- l.ContainerStop(t.Context(), id, container.StopOptions{Timeout: &grace}) }()
		for deadline := time.Now().Add(time.Minute); len(l.actions(t, before, id, `{"event":["kill"]}`)) == 0; {
			if time.Now().After(deadline) {
				t.Fatal("the signal was not told")
			}
		}
		equal(t, "while it stops", l.actions(t, before, id, `{"type":["container"]}`), []string{"kill 15"})
		must(t, <-stopped)
		equal(t, "when it has stopped", l.actions(t, before, id, `{"type":["container"]}`), []string{"kill 15", "kill 9", "die 137", "stop"})
	}},
	{"a stop of what is stopped is not told", func(t *testing.T, l *lab) {
		id, before := l.finished(t, Spec{Args: []string{"exit:0"}}), time.Now()
		must(t, l.ContainerStop(t.Context(), id, container.StopOptions{}))
		equal(t, "events", l.actions(t, before, id, `{"type":["container"]}`), []string{})
	}},
	{"a start that fails is not told, and leaves start and end", func(t *testing.T, l *lab) {
		other := l.run(t, "wait")
		id := l.runSpec(t, Spec{Args: []string{"wait"}, NetworkOf: other})
		first, before := l.inspect(t, id).State.StartedAt, time.Now()
		must(t, RemoveContainer(t.Context(), l.Client, other))
		l.refuses(t, "POST", l.path("/containers/%s/restart?t=5", id), 500, fmt.Sprintf("Cannot restart container %s: No such container: %s", id, other))
		ended := l.inspect(t, id).State
		l.refuses(t, "POST", l.path("/containers/%s/start", id), 404, "No such container: "+other)
		after := l.inspect(t, id).State
		equal(t, "state", []any{after.Status, after.ExitCode, after.StartedAt, after.FinishedAt}, []any{"exited", 128, first, ended.FinishedAt})
		equal(t, "events", l.actions(t, before, id, `{"type":["container"]}`), []string{"kill 15", "die 0", "stop"})
	}},
	{"a start fails while the container is stopped whose network is used", func(t *testing.T, l *lab) {
		other, now := l.run(t, "wait"), 0
		id := l.runSpec(t, Spec{Args: []string{"wait"}, NetworkOf: other})
		must(t, l.ContainerStop(t.Context(), other, container.StopOptions{Timeout: &now}))
		l.refuses(t, "POST", l.path("/containers/%s/restart?t=5", id), 500, fmt.Sprintf("Cannot restart container %s: cannot join network of a non running container: %s", id, other))
		l.refuses(t, "POST", l.path("/containers/%s/start", id), 409, "cannot join network of a non running container: "+other)
		must(t, l.ContainerStart(t.Context(), other, container.StartOptions{}))
		must(t, l.ContainerStart(t.Context(), id, container.StartOptions{}))
		equal(t, "status", l.inspect(t, id).State.Status, "running")
	}},
	{"a start without its folder fails, and works when it is back", func(t *testing.T, l *lab) {
		folder := filepath.Join(t.TempDir(), "data")
		must(t, os.Mkdir(folder, 0o755))
		id := l.runSpec(t, Spec{Args: []string{"wait"}, Bind: folder})
		must(t, os.Remove(folder))
		for _, err := range []error{l.ContainerRestart(t.Context(), id, container.StopOptions{}), l.ContainerStart(t.Context(), id, container.StartOptions{})} {
			if err == nil || !strings.Contains(err.Error(), folder) { // the words are those of the version
				t.Errorf("got %v, want an error that names the folder", err)
			}
		}
		equal(t, "status without it", l.inspect(t, id).State.Status, "exited")
		must(t, os.Mkdir(folder, 0o755))
		must(t, l.ContainerStart(t.Context(), id, container.StartOptions{}))
		equal(t, "status", l.inspect(t, id).State.Status, "running")
	}},
	{"since and until are inclusive", func(t *testing.T, l *lab) {
		id, before := l.run(t, "wait"), time.Now()
		must(t, l.ContainerPause(t.Context(), id))
		must(t, l.ContainerUnpause(t.Context(), id))
		var at []time.Time
		for _, m := range l.events(t, past(before, "pause", "unpause")) {
			if m.Actor.ID == id {
				at = append(at, time.Unix(0, m.TimeNano))
			}
		}
		equal(t, "events", len(at), 2)
		between := func(since, until time.Time) int {
			found := 0
			for _, m := range l.events(t, url.Values{"since": {seconds(since)}, "until": {seconds(until)}}) {
				if m.Actor.ID == id {
					found++
				}
			}
			return found
		}
		got := []int{between(at[0], at[1]), between(at[0].Add(1), at[1]), between(at[0], at[1].Add(-1)), between(at[0].Add(1), at[1].Add(-1))}
		equal(t, "found", got, []int{2, 1, 1, 0})
	}},
	{"until without since gives all that is kept and ends", func(t *testing.T, l *lab) {
		id := l.run(t, "wait")
		must(t, l.ContainerPause(t.Context(), id))
		until := time.Now()
		must(t, l.ContainerUnpause(t.Context(), id))
		var got []string
		for _, m := range l.events(t, url.Values{"until": {seconds(until)}}) {
			if m.Actor.ID == id {
				got = append(got, string(m.Action))
			}
		}
		equal(t, "events", got, []string{"create", "start", "pause"})
	}},
	{"the engine tells its time", func(t *testing.T, l *lab) {
		answer := l.call(t, "GET", l.path("/info"))
		var info struct{ SystemTime string }
		must(t, json.NewDecoder(answer.Body).Decode(&info))
		at := stamp(t, info.SystemTime)
		date, err := time.Parse(time.RFC1123, answer.Header.Get("Date"))
		must(t, err)
		if date.Before(at.Truncate(time.Second)) {
			t.Errorf("dated %s, before its time %s", date, at)
		}
	}},
}

// past asks for the events of some kinds of containers since a moment.
func past(since time.Time, actions ...string) url.Values {
	filter, _ := json.Marshal(map[string][]string{"type": {"container"}, "event": actions}) // strings always can be
	return url.Values{"since": {seconds(since)}, "until": {seconds(time.Now())}, "filters": {string(filter)}}
}

// keptEventsCase tells more than an engine remembers.
func keptEventsCase(t *testing.T, l *lab) {
	id, before := l.create(t, Spec{}), time.Now()
	name := strings.TrimPrefix(l.inspect(t, id).Name, "/")
	const told = 270
	for k := range told {
		must(t, l.ContainerRename(t.Context(), id, fmt.Sprintf("%s-%d", name, k)))
	}
	var names []string
	all := l.events(t, url.Values{"since": {seconds(before.Add(-time.Hour))}, "until": {seconds(time.Now())}})
	for _, m := range all {
		if m.Actor.ID == id && m.Action == "rename" {
			names = append(names, m.Actor.Attributes["name"])
		}
	}
	equal(t, "kept", len(all), 256)
	if len(names) == 0 || names[len(names)-1] != fmt.Sprintf("%s-%d", name, told-1) {
		t.Errorf("%d are left, and the newest is not among them", len(names))
	}
}
