package enginetest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func (e *Engine) serveStart(w http.ResponseWriter, r *http.Request) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	e.mu.Lock()
	if c.status == running {
		e.mu.Unlock()
		return fail(http.StatusNotModified, "already started")
	}
	if c.status == paused {
		e.mu.Unlock()
		return fail(http.StatusConflict, "cannot start a paused container, try unpause instead")
	}
	if c.status == removing {
		e.mu.Unlock()
		return fail(http.StatusConflict, "container is marked for removal and cannot be started")
	}
	if err := c.startFailure(); err != nil {
		e.mu.Unlock()
		return err
	}
	finish := c.start(false)
	e.mu.Unlock()
	finish()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// stopping reads what a stop and a restart have in common: the seconds until
// SIGKILL and the signal before it, which is an option from API 1.42 on.
func (c *Container) stopping(r *http.Request) (time.Duration, string, error) {
	seconds, signal := 10, c.spec.StopSignal
	if c.spec.StopTimeout != nil {
		seconds = *c.spec.StopTimeout
	}
	q := r.URL.Query()
	if text := q.Get("t"); text != "" {
		var err error
		if seconds, err = strconv.Atoi(text); err != nil {
			return 0, "", err
		}
	}
	if text := q.Get("signal"); text != "" && !older(apiVersion(r), "1.42") {
		signal = text
	}
	if _, known := signalNumber(signal); !known {
		return 0, "", fail(http.StatusBadRequest, "Invalid signal: %s", signal)
	}
	return time.Duration(seconds) * time.Second, signal, nil
}

func (e *Engine) serveStop(w http.ResponseWriter, r *http.Request) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	grace, signal, err := c.stopping(r)
	if err != nil {
		return err
	}
	if !c.stop(grace, signal) {
		return fail(http.StatusNotModified, "already stopped")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// serveRestart goes on when its client has left, as the engine does.
func (e *Engine) serveRestart(w http.ResponseWriter, r *http.Request) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	grace, signal, err := c.stopping(r)
	if err != nil {
		return err
	}
	e.mu.Lock()
	marked := c.status == removing
	e.mu.Unlock()
	if marked {
		return fail(http.StatusInternalServerError, "Cannot restart container %s: container is marked for removal and cannot be started", r.PathValue("ref"))
	}
	if err := c.restart(r.Context(), grace, signal); err != nil {
		return fail(http.StatusInternalServerError, "Cannot restart container %s: %v", r.PathValue("ref"), err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (e *Engine) serveKill(w http.ResponseWriter, r *http.Request) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	name := r.URL.Query().Get("signal")
	if name == "" {
		name = "SIGKILL"
	}
	number, known := signalNumber(name)
	if !known {
		return fail(http.StatusBadRequest, "Invalid signal: %s", name)
	}
	e.mu.Lock()
	if c.status != running && c.status != paused {
		e.mu.Unlock()
		return fail(http.StatusConflict, "Cannot kill container: %s: Container %s is not running", r.PathValue("ref"), c.ID)
	}
	run := c.run
	c.manual = true
	c.deliver(name)
	e.mu.Unlock()
	if number == 9 {
		c.end(run, 137)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (e *Engine) servePause(w http.ResponseWriter, r *http.Request) error {
	return e.freeze(w, r, (*Container).pause, "Container %s is not running")
}

func (e *Engine) serveUnpause(w http.ResponseWriter, r *http.Request) error {
	return e.freeze(w, r, (*Container).unpause, "Container %s is not paused")
}

func (e *Engine) freeze(w http.ResponseWriter, r *http.Request, act func(*Container) bool, otherwise string) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	if !act(c) {
		return fail(http.StatusConflict, otherwise, c.ID)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (e *Engine) serveRename(w http.ResponseWriter, r *http.Request) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	name := r.URL.Query().Get("name")
	if other := e.Container(name); other != nil {
		return fail(http.StatusConflict, "Conflict. The container name %q is already in use by container %q. You have to remove (or rename) that container to be able to reuse that name.", "/"+name, other.ID)
	}
	c.Rename(name)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// serveUpdate changes nothing and tells of it, which is all that a watcher sees.
func (e *Engine) serveUpdate(w http.ResponseWriter, r *http.Request) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	c.Tell("update")
	answerJSON(w, http.StatusOK, map[string]any{"Warnings": nil})
	return nil
}

// serveWait answers when the container does not run.
func (e *Engine) serveWait(w http.ResponseWriter, r *http.Request) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	flush(w)
	code, err := c.Wait(r.Context())
	if err != nil {
		return nil // the client has left
	}
	_ = json.NewEncoder(w).Encode(map[string]int{"StatusCode": code})
	return nil
}

// Wait returns the exit code as soon as the container does not run, or the
// error of ctx.
func (c *Container) Wait(ctx context.Context) (int, error) {
	for {
		c.engine.mu.Lock()
		active, code, changed := c.active(), c.exitCode, c.changed
		c.engine.mu.Unlock()
		if !active {
			return code, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// serveRemove needs "force" for a container that runs.
func (e *Engine) serveRemove(w http.ResponseWriter, r *http.Request) error {
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	e.mu.Lock()
	active := c.active()
	e.mu.Unlock()
	if active && !queryBool(r.URL.Query(), "force") {
		return fail(http.StatusConflict, "You cannot remove a running container %s. Stop the container before attempting removal or force remove", c.ID)
	}
	c.Remove()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// creation is the part of a create request that counts here.
type creation struct {
	Image       string
	Entrypoint  []string
	Cmd         []string
	Env         []string
	Tty         bool
	Labels      map[string]string
	StopSignal  string
	StopTimeout *int
	HostConfig  struct {
		LogConfig     struct{ Type string }
		RestartPolicy struct{ Name string }
		AutoRemove    bool
		NetworkMode   string
		Init          bool
		Mounts        []struct {
			Type, Source string
			ReadOnly     bool
		}
	}
}

func (e *Engine) serveCreate(w http.ResponseWriter, r *http.Request) error {
	var in creation
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return fail(http.StatusBadRequest, "%v", err)
	}
	name := r.URL.Query().Get("name")
	e.mu.Lock()
	defer e.mu.Unlock()
	image, found := e.images[in.Image]
	if !found {
		return fail(http.StatusNotFound, "No such image: %s", in.Image)
	}
	for _, other := range e.containers {
		if other.name == name {
			return fail(http.StatusConflict, "Conflict. The container name %q is already in use by container %q. You have to remove (or rename) that container to be able to reuse that name.", "/"+name, other.ID)
		}
	}
	spec := Spec{
		Name: name, Image: in.Image, Program: image.run, Args: in.Cmd, TTY: in.Tty, Env: in.Env, Labels: in.Labels,
		LogDriver: in.HostConfig.LogConfig.Type, RestartPolicy: in.HostConfig.RestartPolicy.Name,
		StopTimeout: in.StopTimeout, StopSignal: in.StopSignal, AutoRemove: in.HostConfig.AutoRemove,
		NetworkOf: networkOf(in.HostConfig.NetworkMode), Entrypoint: in.Entrypoint, Init: in.HostConfig.Init,
	}
	for _, m := range in.HostConfig.Mounts {
		spec.ReadOnly = m.ReadOnly
		if m.Type == "volume" {
			spec.Volume = m.Source
		} else {
			spec.Bind = m.Source
		}
	}
	c := e.create(spec)
	answerJSON(w, http.StatusCreated, map[string]any{"Id": c.ID, "Warnings": []string{}})
	return nil
}

// networkOf is the container whose network a mode names; empty for none.
func networkOf(mode string) string {
	id, _ := strings.CutPrefix(mode, "container:")
	if id == mode {
		return ""
	}
	return id
}
