package cli

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/headwatch/headwatch/plugins/alephlog-parser/alephlog"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerrestart"
	"github.com/headwatch/headwatch/plugins/exec-action/execaction"
	"github.com/headwatch/headwatch/plugins/log-regexp/logregexp"
	"github.com/headwatch/headwatch/plugins/rpc-jsonrpc/jsonrpc"
	"github.com/headwatch/headwatch/plugins/rpc-onfinality/substraterpc"
)

// TestMain makes the test binary all the programs: headwatch and its plugins,
// each a process of its own under its own name, in one folder of $PATH.
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
	for name, program := range programs {
		programs[name] = func() {
			endAtOnce()
			program()
		}
	}
	testscript.Main(m, programs)
}

// endAtOnce has the race detector not hold the process up for a second at its
// end. It reads its settings at the start only, and a plugin sees little of the
// host's environment: the process starts itself anew.
func endAtOnce() {
	const settings = "GORACE"
	if os.Getenv(settings) != "" {
		return
	}
	os.Setenv(settings, "atexit_sleep_ms=0")
	err := syscall.Exec("/proc/self/exe", os.Args, os.Environ())
	fmt.Fprintln(os.Stderr, "start anew:", err)
	os.Exit(1)
}
