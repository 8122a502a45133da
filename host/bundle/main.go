// Command bundle is the one binary of the container image: the host and the
// plugins that come with it, told apart by the name it is started under. The
// plugins still run as processes of their own; being one file, they share the
// memory of its program text. Any other name is the host. Certificate
// authorities are left to the system: those that can be compiled in are parsed
// at the start of each process, and cost more memory than the rest of a plugin.
package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/headwatch/headwatch/host/internal/cli"
	"github.com/headwatch/headwatch/plugins/alephlog-parser/alephlog"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerrestart"
	"github.com/headwatch/headwatch/plugins/exec-action/execaction"
	"github.com/headwatch/headwatch/plugins/log-regexp/logregexp"
	"github.com/headwatch/headwatch/plugins/rpc-jsonrpc/jsonrpc"
	"github.com/headwatch/headwatch/plugins/rpc-onfinality/substraterpc"
)

func main() {
	switch filepath.Base(os.Args[0]) {
	case "rpc-onfinality":
		substraterpc.Main()
	case "rpc-jsonrpc":
		jsonrpc.Main()
	case "alephlog-parser":
		alephlog.Main()
	case "exec-action":
		execaction.Main()
	case "docker-restart":
		dockerrestart.Main()
	case "log-regexp":
		logregexp.Main()
	default:
		os.Exit(cli.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
}
