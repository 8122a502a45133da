package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/internal/enginetest/nodesim"
)

// engine is a Docker Engine that has an image of the simulated node: the real
// one or the stand-in. Both are spoken to through the same client.
type engine struct {
	*client.Client
	host    string // as DOCKER_HOST; empty for what the environment says
	image   string
	real    bool
	closing []func() error
}

// openEngine finds the engine that the options ask for and gives it the image.
// The caller closes what comes back, also with an error.
func openEngine(ctx context.Context, want, folder, name string) (*engine, error) {
	e := &engine{image: name, real: want != "built-in"}
	if e.real {
		api, err := enginetest.Dial(ctx, "")
		if err == nil {
			e.Client = api
			e.closing = append(e.closing, api.Close)
			return e, e.importNode(ctx, folder)
		}
		if want == "docker" {
			return e, fmt.Errorf("reach the Docker Engine: %w", err)
		}
		e.real = false
	}
	return e, e.standIn(ctx, folder)
}

func (e *engine) importNode(ctx context.Context, folder string) error {
	program := filepath.Join(folder, "simnode")
	if err := enginetest.BuildProgram(ctx, module+"internal/enginetest/simnode", program); err != nil {
		return err
	}
	e.closing = append(e.closing, func() error { return enginetest.RemoveImage(context.Background(), e.Client, e.image) })
	return enginetest.ImportImage(ctx, e.Client, program, e.image)
}

func (e *engine) standIn(ctx context.Context, folder string) error {
	stand, err := enginetest.New(enginetest.Options{Listen: "unix://" + filepath.Join(folder, "docker.sock")})
	if err != nil {
		return fmt.Errorf("start the built-in engine: %w", err)
	}
	stand.AddImage(e.image, nodesim.Run)
	e.host = stand.Host()
	living, end := context.WithCancel(context.Background())
	var life sync.WaitGroup
	life.Go(func() { stand.Run(living) })
	e.closing = append(e.closing, func() error {
		end()
		life.Wait()
		return nil
	})
	if e.Client, err = enginetest.Dial(ctx, e.host); err != nil {
		return fmt.Errorf("reach the built-in engine: %w", err)
	}
	e.closing = append(e.closing, e.Client.Close)
	return nil
}

// close removes what openEngine made, the newest first.
func (e *engine) close() error {
	var all error
	for i := len(e.closing) - 1; i >= 0; i-- {
		all = errors.Join(all, e.closing[i]())
	}
	return all
}

// node is the container of the simulated node.
type node struct {
	engine   *engine
	id, name string
}

// startNode runs the node, which follows the chain by its clock: its container
// has no network.
func (e *engine) startNode(ctx context.Context, c *chain, p pace, state string) (*node, error) {
	if e.real {
		state = "/height" // in the container's writable layer
	}
	n := &node{engine: e, name: e.image}
	var err error
	n.id, err = enginetest.MakeContainer(ctx, e.Client, enginetest.Spec{
		Name:  n.name,
		Image: e.image,
		Args: []string{
			"-start", strconv.FormatUint(c.start, 10), "-epoch", c.epoch.Format(time.RFC3339Nano),
			"-rate", strconv.FormatFloat(c.rate(), 'f', -1, 64), "-catch-up", strconv.FormatFloat(20*c.rate(), 'f', -1, 64),
			"-major-sync", p.interval.String(), "-status", p.interval.String(), "-state", state,
		},
	})
	if err != nil {
		return nil, err
	}
	e.closing = append(e.closing, func() error { return enginetest.RemoveContainer(context.Background(), e.Client, n.id) })
	if err := e.ContainerStart(ctx, n.id, container.StartOptions{}); err != nil {
		return nil, fmt.Errorf("start the node: %w", err)
	}
	return n, nil
}

// wedge has the node stop importing blocks, while its container runs on.
func (n *node) wedge(ctx context.Context) error {
	if err := n.engine.ContainerKill(ctx, n.id, "SIGUSR1"); err != nil {
		return fmt.Errorf("wedge the node: %w", err)
	}
	return nil
}

// state asks the engine whether the container runs, and since when.
func (n *node) state(ctx context.Context) (running bool, startedAt string, err error) {
	c, err := n.engine.ContainerInspect(ctx, n.id)
	if err != nil {
		return false, "", err
	}
	return c.State.Running, c.State.StartedAt, nil
}

var importLine = regexp.MustCompile(`✨ Imported #(\d+) `)

// height asks the engine for the newest block in the container's log.
func (n *node) height(ctx context.Context) (uint64, error) {
	body, err := n.engine.ContainerLogs(ctx, n.id, container.LogsOptions{ShowStdout: true, ShowStderr: true, Tail: "500"})
	if err != nil {
		return 0, err
	}
	defer body.Close()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, body); err != nil {
		return 0, fmt.Errorf("read the node's log: %w", err)
	}
	all := importLine.FindAllSubmatch(text.Bytes(), -1)
	if len(all) == 0 {
		return 0, errors.New("read the node's log: it has imported no block")
	}
	return strconv.ParseUint(string(all[len(all)-1][1]), 10, 64)
}
