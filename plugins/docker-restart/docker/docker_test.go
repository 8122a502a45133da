package docker

import (
	"io/fs"
	"testing"
	"time"

	dockertypes "github.com/docker/docker/api/types/container"
	"github.com/google/go-cmp/cmp"
)

func TestNewConnection(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	for name, test := range map[string]struct {
		host string
		env  map[string]string
		want Connection
	}{
		"nothing":      {"", nil, Connection{host: "unix:///var/run/docker.sock"}},
		"environment":  {"", map[string]string{"DOCKER_HOST": "tcp://e:1"}, Connection{host: "tcp://e:1"}},
		"config first": {"tcp://c:1", map[string]string{"DOCKER_HOST": "tcp://e:1"}, Connection{host: "tcp://c:1"}},
		"certificates": {"tcp://c:1", map[string]string{"DOCKER_CERT_PATH": "/certs", "DOCKER_TLS_VERIFY": "1"}, Connection{host: "tcp://c:1", certDir: "/certs"}},
		"usual folder": {"tcp://c:1", map[string]string{"DOCKER_TLS_VERIFY": "1"}, Connection{host: "tcp://c:1", certDir: "/home/me/.docker"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := NewConnection(test.host, func(name string) string { return test.env[name] })
			if err != nil || got != test.want {
				t.Errorf("got %+v (%v), want %+v", got, err, test.want)
			}
		})
	}
}

func TestSocketHint(t *testing.T) {
	for name, test := range map[string]struct {
		mode     fs.FileMode
		uid, gid uint32
		want     string
	}{
		"group":             {0o660, 0, 996, "permission denied: /d.sock is 0:996 0660; add group 996 (docker run --group-add 996)"},
		"only the owner":    {0o600, 0, 996, "permission denied: /d.sock is 0:996 0600; only user 0 can open it: set MONITOR_UID=0"},
		"group of the root": {0o660, 0, 0, "permission denied: /d.sock is 0:0 0660; only user 0 can open it: set MONITOR_UID=0"},
		"another user":      {0o600, 1000, 1000, "permission denied: /d.sock is 1000:1000 0600; run as user 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := socketHint("/d.sock", test.mode, test.uid, test.gid); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
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

func TestFromInspect(t *testing.T) {
	start := time.Date(2026, 11, 22, 13, 13, 51, 753339926, time.UTC)
	end := start.Add(time.Hour)
	const never = "0001-01-01T00:00:00Z"
	ended := end.Format(time.RFC3339Nano)
	for name, test := range map[string]struct {
		in   dockertypes.State
		want Container
	}{
		"running":                 {dockertypes.State{Status: "running", Running: true, FinishedAt: never}, Container{Status: Running}},
		"second run":              {dockertypes.State{Status: "running", Running: true, FinishedAt: ended}, Container{Status: Running, FinishedAt: end}},
		"paused":                  {dockertypes.State{Status: "paused", Running: true, Paused: true, FinishedAt: never}, Container{Status: Paused}},
		"paused while restarting": {dockertypes.State{Status: "paused", Running: true, Paused: true, Restarting: true, FinishedAt: never}, Container{Status: Paused}},
		"restarting": {dockertypes.State{Status: "restarting", Running: true, Restarting: true, ExitCode: 3, FinishedAt: ended},
			Container{Status: Restarting, FinishedAt: end, ExitCode: 3}},
		"exited": {dockertypes.State{Status: "exited", ExitCode: 137, OOMKilled: true, FinishedAt: ended},
			Container{Status: Exited, FinishedAt: end, ExitCode: 137, OOMKilled: true}},
		"dead": {dockertypes.State{Status: "dead", Dead: true, FinishedAt: ended}, Container{Status: Dead, FinishedAt: end}},
	} {
		t.Run(name, func(t *testing.T) {
			test.in.StartedAt = start.Format(time.RFC3339Nano)
			got, err := fromInspect(dockertypes.InspectResponse{ContainerJSONBase: &dockertypes.ContainerJSONBase{ID: "cafe", Name: "/node", State: &test.in}})
			if err != nil {
				t.Fatal(err)
			}
			test.want.ID, test.want.Name, test.want.StartedAt = "cafe", "node", start
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("container (-want +got):\n%s", diff)
			}
		})
	}
}
