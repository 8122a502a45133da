package enginetest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// inspection is what inspect says of a container: the part that clients of a
// watcher read.
type inspection struct {
	ID           string `json:"Id"`
	Created      string
	Path         string
	Args         []string
	State        inspectedState
	Image        string
	LogPath      string
	Name         string
	RestartCount int
	HostConfig   map[string]any
	Mounts       []mountPoint
	Config       inspectedConfig
}

type inspectedState struct {
	Status     string
	Running    bool
	Paused     bool
	Restarting bool
	OOMKilled  bool
	Dead       bool
	Pid        int
	ExitCode   int
	Error      string
	StartedAt  string
	FinishedAt string
}

type inspectedConfig struct {
	Tty         bool
	Env         []string
	Cmd         []string
	Image       string
	Labels      map[string]string
	StopSignal  string `json:",omitempty"`
	StopTimeout *int   `json:",omitempty"`
}

func (e *Engine) serveInspect(w http.ResponseWriter, r *http.Request) error {
	e.mu.Lock()
	c, err := e.find(r.PathValue("ref"))
	if err != nil {
		e.mu.Unlock()
		return err
	}
	out := c.inspect()
	e.mu.Unlock()
	answerJSON(w, http.StatusOK, out)
	return nil
}

// inspect describes the container. The engine's lock is held.
func (c *Container) inspect() inspection {
	path, args := c.spec.command()
	out := inspection{
		ID: c.ID, Created: engineTime(c.made), Path: path, Args: args,
		State: c.inspectState(),
		Image: c.imageID, Name: "/" + c.name, RestartCount: c.restarts,
		HostConfig: map[string]any{
			"LogConfig":     map[string]any{"Type": c.spec.LogDriver, "Config": map[string]string{}},
			"RestartPolicy": map[string]any{"Name": c.spec.RestartPolicy, "MaximumRetryCount": 0},
			"AutoRemove":    c.spec.AutoRemove,
			"NetworkMode":   "none",
			"Init":          c.spec.Init,
		},
		Mounts: c.spec.mounts(),
		Config: inspectedConfig{
			Tty: c.spec.TTY, Env: c.spec.Env, Cmd: c.spec.Args, Image: c.spec.Image, Labels: c.spec.Labels,
			StopTimeout: c.spec.StopTimeout,
		},
	}
	if c.spec.StopSignal != "SIGTERM" {
		out.Config.StopSignal = c.spec.StopSignal
	}
	if c.spec.LogDriver == "json-file" {
		out.LogPath = "/var/lib/docker/containers/" + c.ID + "/" + c.ID + "-json.log"
	}
	return out
}

// serveImage tells which image a name has.
func (e *Engine) serveImage(w http.ResponseWriter, r *http.Request) error {
	name, asked := strings.CutSuffix(r.PathValue("name"), "/json")
	e.mu.Lock()
	image, found := e.images[name]
	e.mu.Unlock()
	if !asked || !found {
		return fail(http.StatusNotFound, "No such image: %s", name)
	}
	answerJSON(w, http.StatusOK, map[string]any{"Id": image.id, "RepoTags": []string{name + ":latest"}})
	return nil
}

func (c *Container) inspectState() inspectedState {
	out := inspectedState{
		Status: c.status, Running: c.active(), Paused: c.status == paused, Restarting: c.status == restarting,
		OOMKilled: c.oomKilled, ExitCode: c.exitCode,
		StartedAt: engineTime(c.startedAt), FinishedAt: engineTime(c.finishedAt),
	}
	if c.status == running || c.status == paused {
		out.Pid = 4000 + c.runs
	}
	return out
}

// engineTime writes a time as the engine does; none is year 1.
func engineTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// summary is one entry of the list.
type summary struct {
	ID         string `json:"Id"`
	Names      []string
	Image      string
	ImageID    string
	Command    string
	Created    int64
	Ports      []any
	Labels     map[string]string
	State      string
	Status     string
	HostConfig map[string]string
	Mounts     []mountPoint
}

// mountPoint is a mount as inspect and the list tell of it.
type mountPoint struct {
	Type        string
	Name        string `json:",omitempty"`
	Source      string
	Destination string
	Driver      string `json:",omitempty"`
	Mode        string
	RW          bool
	Propagation string
}

// mounts are those of a container.
func (s Spec) mounts() []mountPoint {
	switch {
	case s.Volume != "":
		return []mountPoint{{Type: "volume", Name: s.Volume, Source: "/var/lib/docker/volumes/" + s.Volume + "/_data", Destination: "/data", Driver: "local", Mode: "z", RW: !s.ReadOnly}}
	case s.Bind != "":
		return []mountPoint{{Type: "bind", Source: s.Bind, Destination: "/data", RW: !s.ReadOnly, Propagation: "rprivate"}}
	}
	return []mountPoint{}
}

// command is the first process and its arguments.
func (s Spec) command() (path string, args []string) {
	if len(s.Entrypoint) == 0 {
		return "/program", s.Args
	}
	return s.Entrypoint[0], append(append([]string{}, s.Entrypoint[1:]...), s.Args...)
}

func (e *Engine) serveList(w http.ResponseWriter, r *http.Request) error {
	args, err := parseFilters(r, "label", "name", "status", "id")
	if err != nil {
		return err
	}
	all := queryBool(r.URL.Query(), "all") || len(args["status"]) > 0
	list := []summary{}
	e.mu.Lock()
	for i := len(e.containers) - 1; i >= 0; i-- { // the newest first
		if c := e.containers[i]; (all || c.active()) && args.container(c) {
			list = append(list, c.summarise(e.now()))
		}
	}
	e.mu.Unlock()
	answerJSON(w, http.StatusOK, list)
	return nil
}

// summarise describes the container. The engine's lock is held.
func (c *Container) summarise(now time.Time) summary {
	return summary{
		ID: c.ID, Names: []string{"/" + c.name}, Image: c.spec.Image, ImageID: c.imageID, Command: strings.Join(append([]string{"/program"}, c.spec.Args...), " "),
		Created: c.made.Unix(), Ports: []any{}, Labels: c.spec.Labels,
		State: c.status, Status: c.statusText(now),
		HostConfig: map[string]string{"NetworkMode": "none"}, Mounts: c.spec.mounts(),
	}
}

func (c *Container) statusText(now time.Time) string {
	code := " (" + strconv.Itoa(c.exitCode) + ") "
	switch c.status {
	case running:
		return "Up " + now.Sub(c.startedAt).Truncate(time.Second).String()
	case paused:
		return "Up " + now.Sub(c.startedAt).Truncate(time.Second).String() + " (Paused)"
	case restarting:
		return "Restarting" + code + now.Sub(c.finishedAt).Truncate(time.Second).String() + " ago"
	case exited:
		return "Exited" + code + now.Sub(c.finishedAt).Truncate(time.Second).String() + " ago"
	case created:
		return "Created"
	}
	return "Removal In Progress"
}
