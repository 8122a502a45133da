package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait for a container.
const patience = time.Minute

// docker runs the engine's command line and returns what it prints.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// loaded is the real image in the real engine, under a name of its own. Where no
// engine answers the test is skipped, or fails where one is demanded.
func loaded(t *testing.T) string {
	t.Helper()
	if out, err := exec.Command("docker", "version").CombinedOutput(); err != nil {
		if os.Getenv("HEADWATCH_REQUIRE_DOCKER") == "1" {
			t.Fatalf("no Docker Engine answers, and HEADWATCH_REQUIRE_DOCKER=1 demands one: %v\n%s", err, out)
		}
		t.Skipf("skipped: no Docker Engine answers: %v", err)
	}
	r := release{version: "1.2.3", created: time.Unix(1_800_000_000, 0).UTC()}
	binary, err := compile(t.Context(), "..", r, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("../examples/monitor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	image, err := assemble(r, runtime.GOARCH, binary, config)
	if err != nil {
		t.Fatal(err)
	}
	archive, tag := filepath.Join(t.TempDir(), "image.tar"), fmt.Sprintf("headwatch-test-image:%d", os.Getpid())
	if err := write(archive, tag, image); err != nil {
		t.Fatal(err)
	}
	docker(t, "load", "--input", archive)
	t.Cleanup(func() { docker(t, "image", "rm", "--force", tag) })
	return tag
}

// container is a running headwatch.
type container struct {
	t  *testing.T
	id string
}

// start runs the image with further arguments of docker run.
func start(t *testing.T, image string, args ...string) container {
	t.Helper()
	args = append([]string{"run", "--detach", "--label", "headwatch.test=1", "--env", "CONTAINER_NAME=nobody"}, args...)
	c := container{t, docker(t, append(args, image)...)}
	t.Cleanup(func() { docker(t, "rm", "--force", "--volumes", c.id) })
	return c
}

// see waits until the log says a text.
func (c container) see(text string) {
	c.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(patience); ; {
		log := docker(c.t, "logs", c.id)
		if strings.Contains(log, text) {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			c.t.Fatalf("the log does not say %q:\n%s", text, log)
		}
	}
}

// answers says whether the endpoint answers on the container's network.
func (c container) answers() bool {
	c.t.Helper()
	address := docker(c.t, "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", c.id)
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(address, "9464"), 5*time.Second)
	if err != nil {
		c.t.Log(err)
		return false
	}
	return connection.Close() == nil
}

// TestContainer runs the image as the README does.
func TestContainer(t *testing.T) {
	image := loaded(t)
	t.Run("the endpoint listens inside only", func(t *testing.T) {
		c := start(t, image)
		c.see("the HTTP endpoint listens")
		docker(t, "exec", c.id, "/headwatch", "healthcheck")
		if c.answers() {
			t.Error("it answers others on the container's network")
		}
	})
	t.Run("the endpoint is shown when asked to", func(t *testing.T) {
		c := start(t, image, "--env", "HEADWATCH_HTTP=0.0.0.0:9464")
		c.see("the HTTP endpoint listens")
		docker(t, "exec", c.id, "/headwatch", "healthcheck")
		if !c.answers() {
			t.Error("it does not answer")
		}
	})
	t.Run("plugins are listed without a configuration", func(t *testing.T) {
		listed := docker(t, "run", "--rm", image, "plugins")
		for _, name := range names() {
			if !strings.Contains(listed, name+" ") {
				t.Errorf("%s is not listed:\n%s", name, listed)
			}
		}
	})
	t.Run("a mounted folder is read anew", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "headwatch")
		replace := func(more string) {
			t.Helper()
			text, err := os.ReadFile("../examples/monitor.hcl")
			if err == nil {
				err = os.MkdirAll(folder, 0o755)
			}
			if err == nil {
				err = os.WriteFile(folder+"/new", append(text, more...), 0o644)
			}
			if err == nil {
				err = os.Rename(folder+"/new", folder+"/monitor.hcl")
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		replace("")
		c := start(t, image, "--volume", folder+":/etc/headwatch:ro")
		c.see("the HTTP endpoint listens")
		replace("\nhost {\n  dry_run = true\n}\n")
		docker(t, "kill", "--signal", "HUP", c.id)
		c.see("the configuration was read anew")
		c.see(`mode="dry run: restarts nothing"`)
	})
}
