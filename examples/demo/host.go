package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

//go:embed demo.hcl
var config []byte

// host is the real headwatch, running.
type host struct {
	command *exec.Cmd
	bin     string
	lines   chan logLine // closed at the end of the log
	ended   chan struct{}
	err     error // how it ended, after ended
	stderr  bytes.Buffer
}

// logLine is one line of the host's log.
type logLine struct {
	Level string `json:"level"`
	Text  string `json:"msg"`
}

// launch is what the host is started with.
type launch struct {
	bin, folder        string
	rpc, node          string
	dockerHost         string // empty for what the environment says
	temp               string // likewise
	interval, cooldown time.Duration
	lagAbove           int
}

// startHost starts headwatch on the demo's configuration.
func startHost(l launch) (*host, error) {
	file := filepath.Join(l.folder, "demo.hcl")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	h := &host{bin: l.bin, lines: make(chan logLine, 1000), ended: make(chan struct{})}
	h.command = exec.Command(filepath.Join(l.bin, "headwatch"), "run", "--config", file, "--log-format", "json")
	h.command.Env = l.environment()
	// A group of its own: on Ctrl-C the demo ends the host, in its order.
	h.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	h.command.Stderr = &h.stderr
	log, err := h.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.command.Start(); err != nil {
		return nil, fmt.Errorf("start headwatch: %w", err)
	}
	go func() {
		defer close(h.ended)
		h.readLog(log)
		h.err = h.command.Wait()
	}()
	return h, nil
}

// environment is made anew, so that nothing that is set for another headwatch
// counts here.
func (l launch) environment() []string {
	env := []string{
		"RPC_URL=" + l.rpc,
		"CONTAINER_NAME=" + l.node,
		"CHECK_INTERVAL=" + l.interval.String(),
		"COOLDOWN=" + l.cooldown.String(),
		"BLOCK_LAG=" + strconv.Itoa(l.lagAbove),
		"HEADWATCH_STATE_DIR=" + filepath.Join(l.folder, "state"),
		"HEADWATCH_PLUGIN_DIR=" + filepath.Join(l.bin, "plugins"),
		"HEADWATCH_HTTP=127.0.0.1:0",
	}
	own := map[string]string{"DOCKER_HOST": l.dockerHost, "TMPDIR": l.temp}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"} {
		if value := cmp.Or(own[name], os.Getenv(name)); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func (h *host) readLog(log io.Reader) {
	defer close(h.lines)
	in := bufio.NewScanner(log)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		line := logLine{}
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			line = logLine{"ERROR", in.Text()}
		}
		h.lines <- line
	}
}

// await returns the first line that matches, and shows every line on the way.
func (h *host) await(ctx context.Context, what string, show func(logLine), matches func(string) bool) (string, error) {
	for {
		select {
		case line, open := <-h.lines:
			if !open {
				return "", fmt.Errorf("wait for %s: headwatch has ended: %s", what, strings.TrimSpace(h.stderrAtEnd()))
			}
			show(line)
			if matches(line.Text) {
				return line.Text, nil
			}
		case <-ctx.Done():
			return "", fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		}
	}
}

func (h *host) stderrAtEnd() string {
	<-h.ended
	return h.stderr.String()
}

// stop ends the host as an operator does, and kills what does not end. It may
// be called again.
func (h *host) stop() error {
	_ = h.command.Process.Signal(syscall.SIGTERM) // it may have ended
	var rest sync.WaitGroup
	rest.Go(func() { // a full pipe must not keep it from ending
		for range h.lines {
		}
	})
	defer rest.Wait()
	select {
	case <-h.ended:
	case <-time.After(15 * time.Second):
		_ = syscall.Kill(-h.command.Process.Pid, syscall.SIGKILL) // its group
		<-h.ended
		return errors.New("end headwatch: it did not end within 15s of SIGTERM")
	}
	if h.err != nil {
		return fmt.Errorf("end headwatch: %w: %s", h.err, strings.TrimSpace(h.stderr.String()))
	}
	return nil
}

// leftOver returns the processes that still run a binary of the host's folder.
// Where the system has no /proc it finds none.
func (h *host) leftOver() []string {
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return nil
	}
	var found []string
	for _, link := range links {
		program, err := os.Readlink(link)
		if err == nil && strings.HasPrefix(program, h.bin+string(filepath.Separator)) {
			found = append(found, filepath.Base(program)+" "+filepath.Base(filepath.Dir(link)))
		}
	}
	return found
}
