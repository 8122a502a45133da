//go:build failpoints

package failpoint

import (
	"os"
	"syscall"
)

// Variable names the step at which the process kills itself.
const Variable = "HEADWATCH_FAILPOINT"

// Hit kills the process at the step that the environment names.
func Hit(step string) {
	if os.Getenv(Variable) == step {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing can be done about a failure
		select {}
	}
}
