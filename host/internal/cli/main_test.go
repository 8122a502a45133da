package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/alephlog-parser/alephlog"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerrestart"
	"github.com/headwatch/headwatch/plugins/exec-action/execaction"
	"github.com/headwatch/headwatch/plugins/log-regexp/logregexp"
	"github.com/headwatch/headwatch/plugins/rpc-jsonrpc/jsonrpc"
	"github.com/headwatch/headwatch/plugins/rpc-onfinality/substraterpc"
)

// TestMain makes the test binary all the programs: headwatch and its plugins,
// each a process of its own under its own name.
func TestMain(m *testing.M) {
	programs := map[string]func(){
		"headwatch":       func() { os.Exit(Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"rpc-onfinality":  substraterpc.Main,
		"alephlog-parser": alephlog.Main,
		"docker-restart":  dockerrestart.Main,
		"exec-action":     execaction.Main,
		"log-regexp":      logregexp.Main,
		"rpc-jsonrpc":     jsonrpc.Main,
	}
	testscript.Main(inFolder{m}, programs)
}

// raceSettings have the race detector not hold a process up for a second at its
// end.
const raceSettings = "GORACE=atexit_sleep_ms=0"

// inFolder runs the tests with a plugin folder, which HEADWATCH_PLUGIN_DIR names.
type inFolder struct{ *testing.M }

func (f inFolder) Run() int {
	folder, err := os.MkdirTemp("", "plugins")
	if err == nil {
		defer os.RemoveAll(folder)
		err = writePlugins(folder)
	}
	shipped, mkdirErr := os.MkdirTemp("", "shipped")
	defer os.RemoveAll(shipped)
	if err = errors.Join(err, mkdirErr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	os.Setenv("HEADWATCH_PLUGIN_DIR", folder)
	os.Setenv(shippedVariable, shipped)
	os.Setenv("GORACE", strings.TrimPrefix(raceSettings, "GORACE="))
	return f.M.Run()
}

// programs is a build of headwatch and of its plugins.
type programs struct{ headwatch, plugins string }

// raced is the test binary under the names of the programs: with the race
// detector, where the tests have it.
func raced(t testing.TB) programs {
	t.Helper()
	binary, err := exec.LookPath("headwatch")
	if err != nil {
		t.Fatal(err)
	}
	return programs{binary, os.Getenv("HEADWATCH_PLUGIN_DIR")}
}

// shipped are the programs as they are shipped. They start and run about five
// times as fast as raced ones.
func shipped(t testing.TB) programs {
	t.Helper()
	folder, err := buildShipped()
	if err != nil {
		t.Fatal(err)
	}
	return programs{filepath.Join(folder, "headwatch"), filepath.Join(folder, "plugins")}
}

// shippedVariable names the folder that buildShipped builds into.
const shippedVariable = "HEADWATCH_TEST_SHIPPED"

// buildShipped builds the programs once, for all tests.
var buildShipped = sync.OnceValues(func() (folder string, err error) {
	folder = os.Getenv(shippedVariable)
	return folder, enginetest.BuildBundle(context.Background(), folder, pluginNames()...)
})

// buildNode builds the simulated node once, for all tests on the real engine.
var buildNode = sync.OnceValues(func() (binary string, err error) {
	binary = filepath.Join(os.Getenv(shippedVariable), "simnode")
	return binary, enginetest.BuildProgram(context.Background(), "github.com/headwatch/headwatch/internal/enginetest/simnode", binary)
})

// pluginNames are the plugins that the test binary is.
func pluginNames() []string {
	return []string{"rpc-onfinality", "alephlog-parser", "docker-restart", "log-regexp", "rpc-jsonrpc", "exec-action"}
}

// writePlugins makes the plugins as a host finds them. A plugin sees little of
// the host's environment, and no GORACE: each is a script that sets it and becomes
// the program.
func writePlugins(folder string) error {
	for _, name := range pluginNames() {
		program, err := exec.LookPath(name)
		if err != nil {
			return err
		}
		script := "#!/bin/sh\n" + raceSettings + " exec '" + program + "' \"$@\"\n"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o755); err != nil {
			return err
		}
	}
	return nil
}
