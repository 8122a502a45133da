package enginetest

import (
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
)

var callCases = []conformanceCase{
	{"ping", func(t *testing.T, l *lab) {
		for _, method := range []string{"HEAD", "GET"} {
			answer := l.call(t, method, "/_ping")
			got := []string{answer.Status, answer.Header.Get("Api-Version"), answer.Header.Get("Ostype"), answer.Header.Get("Docker-Experimental"), answer.Header.Get("Cache-Control")}
			equal(t, method, got, []string{"200 OK", l.ClientVersion(), "linux", "false", "no-cache, no-store, must-revalidate"})
		}
	}},
	{"a version that is too new", func(t *testing.T, l *lab) {
		l.refuses(t, "GET", "/v1.99/containers/json", 400, "client version 1.99 is too new. Maximum supported API version is "+l.ClientVersion())
	}},
	{"an unknown page", func(t *testing.T, l *lab) {
		l.refuses(t, "GET", l.path("/nothing"), 404, "page not found")
	}},
	{"nobody of that name", func(t *testing.T, l *lab) {
		for _, call := range []string{"GET /containers/%s/json", "GET /containers/%s/logs?stdout=1", "POST /containers/%s/restart?t=1", "POST /containers/%s/start"} {
			method, path, _ := strings.Cut(call, " ")
			l.refuses(t, method, l.path(path, "headwatch-test-nobody"), 404, "No such container: headwatch-test-nobody")
		}
	}},
	{"a log of no stream", func(t *testing.T, l *lab) {
		id := l.create(t, Spec{})
		l.refuses(t, "GET", l.path("/containers/%s/logs", id), 400, "Bad parameters: you must choose at least one stream")
	}},
	{"a since that is no number", func(t *testing.T, l *lab) {
		id := l.create(t, Spec{})
		l.refuses(t, "GET", l.path("/containers/%s/logs?stdout=1&since=2026-01-01T00:00:00Z", id), 500, `strconv.ParseInt: parsing "2026-01-01T00:00:00Z": invalid syntax`)
	}},
	{"a time to stop that is no number", func(t *testing.T, l *lab) {
		id := l.create(t, Spec{})
		l.refuses(t, "POST", l.path("/containers/%s/restart?t=x", id), 500, `strconv.Atoi: parsing "x": invalid syntax`)
	}},
	{"a filter that does not exist", func(t *testing.T, l *lab) {
		l.refuses(t, "GET", l.path("/containers/json?filters=%s", url.QueryEscape(`{"bad":["x"]}`)), 400, "Invalid filter 'bad'")
	}},
	{"a log driver that cannot be read", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"out:lost"}, LogDriver: "none"})
		l.refuses(t, "GET", l.path("/containers/%s/logs?stdout=1", id), 501, "configured logging driver does not support reading")
	}},
	{"one container by id, name and the beginning of its id", func(t *testing.T, l *lab) {
		id := l.create(t, Spec{})
		name := strings.TrimPrefix(l.inspect(t, id).Name, "/")
		for _, ref := range []string{id, name, id[:20]} {
			equal(t, ref, l.inspect(t, ref).ID, id)
		}
	}},
	{"an ambiguous beginning", func(t *testing.T, l *lab) {
		seen := map[string]bool{}
		for {
			start := l.create(t, Spec{})[:1]
			if seen[start] {
				l.refuses(t, "GET", l.path("/containers/%s/json", start), 500, "Multiple IDs found with provided prefix: "+start)
				return
			}
			seen[start] = true
		}
	}},
	{"the state before, in and after a run", func(t *testing.T, l *lab) {
		id := l.create(t, Spec{Args: []string{"wait"}})
		state := func() []any {
			s := l.inspect(t, id).State
			return []any{s.Status, s.Running, s.Paused, s.Pid > 0, s.ExitCode, stamp(t, s.StartedAt).IsZero(), stamp(t, s.FinishedAt).IsZero()}
		}
		equal(t, "created", state(), []any{"created", false, false, false, 0, true, true})
		must(t, l.ContainerStart(t.Context(), id, container.StartOptions{}))
		equal(t, "running", state(), []any{"running", true, false, true, 0, false, true})
		must(t, l.ContainerPause(t.Context(), id))
		equal(t, "paused", state(), []any{"paused", true, true, true, 0, false, true})
		must(t, l.ContainerUnpause(t.Context(), id))
		must(t, l.ContainerKill(t.Context(), id, "KILL"))
		l.wait(t, id)
		equal(t, "killed", state(), []any{"exited", false, false, false, 137, false, false})
	}},
	{"what inspect says of the description", func(t *testing.T, l *lab) {
		timeout := 33
		id := l.create(t, Spec{TTY: true, Env: []string{"A=b"}, Labels: map[string]string{"k": "v"}, StopTimeout: &timeout, RestartPolicy: "on-failure", LogDriver: "local"})
		c := l.inspect(t, id)
		got := []any{c.Config.Tty, c.Config.Env[0], c.Config.Labels["k"], *c.Config.StopTimeout, string(c.HostConfig.RestartPolicy.Name), c.HostConfig.LogConfig.Type, c.Config.Image, c.Path, c.HostConfig.AutoRemove}
		equal(t, "description", got, []any{true, "A=b", "v", 33, "on-failure", "local", l.image, "/program", false})
		plain := l.inspect(t, l.create(t, Spec{}))
		equal(t, "defaults", []any{plain.Config.StopTimeout == nil, plain.Config.StopSignal, plain.HostConfig.LogConfig.Type}, []any{true, "", "json-file"})
	}},
	{"mounts, in inspect and in the list", func(t *testing.T, l *lab) {
		folder, volume := t.TempDir(), NewName()
		for name, c := range map[string]struct {
			spec Spec
			want []any
		}{
			"none":             {Spec{}, nil},
			"folder":           {Spec{Bind: folder}, []any{"bind", "", folder, "/data", true}},
			"read-only folder": {Spec{Bind: folder, ReadOnly: true}, []any{"bind", "", folder, "/data", false}},
			"volume":           {Spec{Volume: volume}, []any{"volume", volume, "/var/lib/docker/volumes/" + volume + "/_data", "/data", true}},
			"read-only volume": {Spec{Volume: volume, ReadOnly: true}, []any{"volume", volume, "/var/lib/docker/volumes/" + volume + "/_data", "/data", false}},
		} {
			id := l.create(t, c.spec)
			equal(t, name, mountOf(l.inspect(t, id).Mounts), c.want)
			found, err := l.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("id", id))})
			must(t, err)
			equal(t, name+" in the list", mountOf(found[0].Mounts), c.want)
		}
	}},
	{"command and init", func(t *testing.T, l *lab) {
		c := l.inspect(t, l.create(t, Spec{Entrypoint: []string{"/bin/sh", "-c"}, Args: []string{"a b"}, Init: true}))
		equal(t, "command", []any{c.Path, c.Args, *c.HostConfig.Init}, []any{"/bin/sh", []string{"-c", "a b"}, true})
		c = l.inspect(t, l.create(t, Spec{Args: []string{"a b"}}))
		equal(t, "the image's", []any{c.Path, c.Args, c.HostConfig.Init != nil && *c.HostConfig.Init}, []any{"/program", []string{"a b"}, false})
	}},
	{"the image behind a name", func(t *testing.T, l *lab) {
		found, err := l.ImageInspect(t.Context(), l.image)
		must(t, err)
		equal(t, "image", l.inspect(t, l.create(t, Spec{})).Image, found.ID)
		equal(t, "no image", l.status(t, "GET", l.path("/images/headwatch-test-nothing/json")), 404)
	}},
	{"the list and its filters", func(t *testing.T, l *lab) {
		label := "headwatch.case=" + NewName()
		key, value, _ := strings.Cut(label, "=")
		labels := map[string]string{key: value}
		up := l.runSpec(t, Spec{Args: []string{"wait"}, Labels: labels})
		down := l.create(t, Spec{Labels: labels})
		list := func(all bool, args ...filters.KeyValuePair) []string {
			args = append(args, filters.Arg("label", label))
			found, err := l.ContainerList(t.Context(), container.ListOptions{All: all, Filters: filters.NewArgs(args...)})
			must(t, err)
			out := []string{}
			for _, c := range found {
				out = append(out, c.ID+" "+c.State)
			}
			return out
		}
		equal(t, "running ones", list(false), []string{up + " running"})
		equal(t, "all", list(true), []string{down + " created", up + " running"})
		equal(t, "by status", list(false, filters.Arg("status", "created")), []string{down + " created"})
		name := l.inspect(t, down).Name
		equal(t, "by a part of the name", list(true, filters.Arg("name", name[3:])), []string{down + " created"})
		equal(t, "by the exact name", list(true, filters.Arg("name", "^"+name+"$")), []string{down + " created"})
		equal(t, "by the beginning of the id", list(true, filters.Arg("id", up[:20])), []string{up + " running"})
	}},
}

// mountOf is the one mount of a container.
func mountOf(all []container.MountPoint) []any {
	for _, m := range all {
		return []any{string(m.Type), m.Name, m.Source, m.Destination, m.RW}
	}
	return nil
}

// refuses makes a call that must fail with exactly this message.
func (l *lab) refuses(t *testing.T, method, path string, status int, message string) {
	t.Helper()
	answer := l.call(t, method, path)
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	var body struct{ Message string }
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatalf("%s %s: %s, not JSON: %q", method, path, answer.Status, text)
	}
	got := []any{answer.StatusCode, answer.Header.Get("Content-Type"), body.Message}
	equal(t, method+" "+path, got, []any{status, "application/json", message})
	if !strings.HasSuffix(string(text), "\n") {
		t.Errorf("%s %s: no newline behind the error", method, path)
	}
}

func (l *lab) status(t *testing.T, method, path string) int {
	t.Helper()
	return l.call(t, method, path).StatusCode
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
