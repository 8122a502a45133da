package preflight

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// sound is a container without a hazard.
func sound() Scene {
	return Scene{
		Container: docker.Container{
			ID: "cafe", Name: "node", Program: "/usr/bin/node", Args: []string{"--base-path", "/data"}, LogDriver: "json-file", RestartPolicy: "always",
			Image: "node:1", ImageID: "sha256:1", Mounts: []docker.Mount{volume("chain", "/data")},
		},
		Stop: 2 * time.Minute, TagID: "sha256:1",
	}
}

func volume(name, at string) docker.Mount {
	return docker.Mount{Type: "volume", Name: name, Source: "/var/lib/docker/volumes/" + name + "/_data", Destination: at, Writable: true}
}

func bind(source, at string) docker.Mount {
	return docker.Mount{Type: "bind", Source: source, Destination: at, Writable: true}
}

// ids are those of the hazards of a scene.
func ids(t *testing.T, s Scene) string {
	t.Helper()
	var all []string
	for _, h := range Hazards(s) {
		if h.What == "" || h.Mend == "" || h.Level == "" {
			t.Errorf("%s says too little: %+v", h.ID, h)
		}
		all = append(all, h.ID)
	}
	return strings.Join(all, " ")
}

func TestHazards(t *testing.T) {
	args := func(all ...string) func(*Scene) { return func(s *Scene) { s.Args = all } }
	shell := func(text string) func(*Scene) {
		return func(s *Scene) { s.Program, s.Args = "/bin/sh", []string{"-c", text} }
	}
	env := func(variable string) func(*Scene) { return func(s *Scene) { s.Env = []string{"A=b", variable} } }
	label := func(name, value string) func(*Scene) {
		return func(s *Scene) { s.Labels = map[string]string{name: value} }
	}
	for name, test := range map[string]struct {
		change func(*Scene)
		want   string
	}{
		"sound":                   {func(*Scene) {}, ""},
		"nothing known around":    {func(s *Scene) { s.TagID, s.Others = "", nil }, ""},
		"purge":                   {env("PURGE_BEFORE_START=true"), "purge"},
		"purge in capitals":       {env("PURGE_BEFORE_START= TRUE"), "purge"},
		"purge with a number":     {env("PURGE_BEFORE_START=1"), "purge"},
		"no purge":                {env("PURGE_BEFORE_START=false"), ""},
		"purge of nothing":        {env("PURGE_BEFORE_START="), ""},
		"flag to purge":           {args("--purge-chain", "--base-path=/data"), "purge"},
		"temporary":               {args("--name", "a", "--tmp"), "purge"},
		"temporary, not":          {args("--tmp=false"), ""},
		"development":             {args("--dev"), "purge"},
		"development with folder": {args("--dev", "--base-path=/data"), ""},
		"a name that is a flag":   {args("--name", "my --tmp node"), ""},
		"reset in a shell":        {shell("gaiad tendermint unsafe-reset-all && exec gaiad start"), "purge"},
		"flag in a shell":         {shell("exec node --tmp"), "purge"},

		"no volume":             {func(s *Scene) { s.Mounts = nil }, "no_volume"},
		"volume for secrets":    {func(s *Scene) { s.Mounts = []docker.Mount{volume("jwtsecret", "/var/lib/geth/ee-secret")} }, "no_volume"},
		"folder without writes": {func(s *Scene) { s.Mounts[0].Writable = false }, "no_volume"},
		"memory":                {func(s *Scene) { s.Mounts[0].Type = "tmpfs" }, "no_volume"},

		"ten seconds":        {func(s *Scene) { s.Stop = 10 * time.Second }, "stop_timeout"},
		"killed":             {func(s *Scene) { s.SlowestStop = s.Stop }, "slow_stop"},
		"quick":              {func(s *Scene) { s.SlowestStop = s.Stop - 1 }, ""},
		"at once, not seen":  {func(s *Scene) { s.Stop = 0 }, "stop_timeout"},
		"shell":              {shell("node --x"), "pid1_shell"},
		"shell with options": {func(s *Scene) { s.Program, s.Args = "bash", []string{"-e", "-o", "pipefail", "-lc", "node"} }, "pid1_shell"},
		"shell with init":    {func(s *Scene) { shell("node")(s); s.Init = true }, ""},
		"shell that execs":   {shell("set -e; exec node"), ""},
		"shell that traps":   {shell("trap 'kill $p' TERM; node & p=$!; wait"), ""},
		"exec for files":     {shell("exec 2>&1; node"), "pid1_shell"},
		"shell with a file":  {func(s *Scene) { s.Program, s.Args = "/bin/bash", []string{"/start.sh", "-c", "x"} }, ""},

		"log driver none":     {func(s *Scene) { s.LogDriver = "none" }, "log_driver"},
		"log driver far":      {func(s *Scene) { s.LogDriver = "gelf" }, ""},
		"log driver, no copy": {func(s *Scene) { s.LogDriver, s.LogUncached = "gelf", true }, "log_driver"},
		"restart policy no":   {func(s *Scene) { s.RestartPolicy = "no" }, "restart_policy"},
		"no restart policy":   {func(s *Scene) { s.RestartPolicy = "" }, "restart_policy"},
		"image moved":         {func(s *Scene) { s.TagID = "sha256:2" }, "image_moved"},
		"watchtower":          {label("com.centurylinklabs.watchtower.enable", "true"), "updater"},
		"watchtower, off":     {label("com.centurylinklabs.watchtower.enable", "False"), ""},
		"podman":              {label("io.containers.autoupdate", "registry"), "updater"},
		"worst first": {func(s *Scene) {
			s.Mounts, s.RestartPolicy, s.Env, s.Stop = nil, "no", []string{"PURGE_BEFORE_START=yes"}, 0
		},
			"purge no_volume stop_timeout restart_policy"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound()
			test.change(&s)
			if got := ids(t, s); got != test.want {
				t.Errorf("hazards are %q, want %q", got, test.want)
			}
		})
	}
}

func TestSameData(t *testing.T) {
	readOnly := func(m docker.Mount) docker.Mount { m.Writable = false; return m }
	for name, test := range map[string]struct {
		mine, theirs docker.Mount
		want         bool
	}{
		"another volume":         {volume("a", "/data"), volume("b", "/data"), false},
		"the same volume":        {volume("a", "/data"), volume("a", "/elsewhere"), true},
		"as the newer list says": {volume("a", "/data"), docker.Mount{Type: "volume", Name: "a", Writable: true}, true},
		"read-only there":        {volume("a", "/data"), readOnly(volume("a", "/data")), false},
		"read-only here":         {readOnly(volume("a", "/data")), volume("a", "/data"), false},
		"the same folder":        {bind("/srv/node", "/data"), bind("/srv/node/", "/data"), true},
		"a folder in it":         {bind("/srv/node", "/data"), bind("/srv/node/chains", "/data"), true},
		"a folder around it":     {bind("/srv/nodes/one", "/data"), bind("/srv/nodes", "/nodes"), true},
		"the folder's namesake":  {bind("/srv/node", "/data"), bind("/srv/node2", "/data"), false},
		"a volume by its place":  {volume("a", "/data"), bind("/var/lib/docker/volumes/a/_data", "/backup"), true},
		"the whole machine":      {bind("/srv/node", "/data"), bind("/", "/host"), false},
		"all of a disk":          {bind("/srv/node", "/data"), bind("/srv", "/files"), false},
		"all volumes":            {volume("a", "/data"), bind("/var/lib/docker", "/docker"), false},
		"the engine's socket":    {bind("/var/run/docker.sock", "/var/run/docker.sock"), bind("/var/run/docker.sock", "/var/run/docker.sock"), false},
		"the time":               {bind("/etc/localtime", "/etc/localtime"), bind("/etc/localtime", "/etc/localtime"), false},
		"a file of settings":     {bind("/srv/chain.toml", "/chain.toml"), bind("/srv/chain.toml", "/chain.toml"), false},
		"a hidden folder":        {bind("/home/me/.ethereum", "/data"), bind("/home/me/.ethereum", "/data"), true},
		"a secret":               {volume("jwt", "/jwt"), volume("jwt", "/jwt"), false},
		"a secret of two words":  {volume("secret", "/var/lib/geth/ee-secret"), volume("secret", "/var/lib/beacon/ee-secret"), false},
		"the machine's memory":   {docker.Mount{Type: "tmpfs", Writable: true, Destination: "/data"}, docker.Mount{Type: "tmpfs", Writable: true, Destination: "/data"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound()
			s.Mounts = []docker.Mount{volume("own", "/own"), test.mine}
			s.Others = []docker.Listed{
				{ID: s.ID, Status: docker.Running, Mounts: s.Mounts},
				{ID: "beef", Names: []string{"old"}, Status: docker.Exited, Mounts: []docker.Mount{test.theirs}},
			}
			if got := ids(t, s); got != "" {
				t.Errorf("hazards of itself and of one that stands still: %q", got)
			}
			s.Others = append(s.Others, docker.Listed{ID: "fade", Names: []string{"other"}, Status: docker.Running, Mounts: []docker.Mount{test.theirs}})
			found := Hazards(s)
			if got := slices.ContainsFunc(found, func(h sdk.Hazard) bool { return h.ID == "same_data" && strings.Contains(h.What, "other") }); got != test.want || len(found) > 1 {
				t.Errorf("found %+v, want it: %v", found, test.want)
			}
		})
	}
}

func TestNameOfAVolume(t *testing.T) {
	for name, want := range map[string]string{"polkadot-data-of-mainnet": "volume polkadot-data-of-mainnet", strings.Repeat("a", 64): "volume " + strings.Repeat("a", 12)} {
		if got := nameOf(volume(name, "/data")); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := nameOf(bind("/srv", "/data")); got != "/srv" {
		t.Errorf("got %q", got)
	}
}
