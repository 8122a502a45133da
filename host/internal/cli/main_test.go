package cli

import (
	"context"
	"os"
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
	testscript.Main(m, map[string]func(){
		"headwatch":       func() { os.Exit(Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"rpc-onfinality":  substraterpc.Main,
		"alephlog-parser": alephlog.Main,
		"docker-restart":  dockerrestart.Main,
		"exec-action":     execaction.Main,
		"log-regexp":      logregexp.Main,
		"rpc-jsonrpc":     jsonrpc.Main,
	})
}
