//go:build failpoints

package failpoint

import (
	"os"
	"syscall"
	"time"
)

// Variable names the step at which the process kills itself.
const Variable = "HEADWATCH_FAILPOINT"

// soon is how long a request is on its way before its step is hit.
const soon = 300 * time.Millisecond

// Hit kills the process at the step that the environment names.
func Hit(step string) {
	if os.Getenv(Variable) == step {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing can be done about a failure
		select {}
	}
}

// HitSoon is Hit, a little later.
func HitSoon(step string) {
	time.AfterFunc(soon, func() { Hit(step) })
}
