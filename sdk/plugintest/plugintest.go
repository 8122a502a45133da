package plugintest

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
)

// HeadSource runs the kit over a head source. fresh makes one for each start.
func HeadSource[P sdk.HeadSource](t *testing.T, info sdk.Info, fresh func() P) {
	t.Helper()
	inMemory(t, info, func() subject.Server { return sdk.InProcessHeadSource(info, fresh(), io.Discard) })
}

// LogParser runs the kit over a log parser. fresh makes one for each start.
func LogParser[S any, P sdk.LogParser[S]](t *testing.T, info sdk.Info, fresh func() P) {
	t.Helper()
	inMemory(t, info, func() subject.Server { return sdk.InProcessLogParser(info, sdk.LogParser[S](fresh()), io.Discard) })
}

// Action runs the kit over an action, and over its log where it serves one.
// fresh makes one for each start.
func Action[T any, P sdk.Action[T]](t *testing.T, info sdk.Info, fresh func() P) {
	t.Helper()
	inMemory(t, info, func() subject.Server { return sdk.InProcessAction(info, sdk.Action[T](fresh()), io.Discard) })
}

// LogSource runs the kit over a log source. fresh makes one for each start.
func LogSource[T any, P sdk.LogSource[T]](t *testing.T, info sdk.Info, fresh func() P) {
	t.Helper()
	inMemory(t, info, func() subject.Server { return sdk.InProcessLogSource(info, sdk.LogSource[T](fresh()), io.Discard) })
}

// Binary runs the whole kit over a program, with its process, as
// "headwatch test-plugin" does. It sees the environment of the test.
func Binary(t *testing.T, path string) {
	t.Helper()
	run(t, path, &subject.Binary{Path: path, Env: os.Environ()})
}

// inMemory runs the checks that need no process.
func inMemory(t *testing.T, info sdk.Info, fresh subject.InMemory) {
	t.Helper()
	run(t, info.Name, fresh)
}

func run(t *testing.T, name string, plugin subject.Subject) {
	t.Helper()
	options := conformance.Options{Plugin: name, Done: func(r conformance.Result) { report(t, r) }}
	if _, err := conformance.Run(context.WithoutCancel(t.Context()), plugin, options); err != nil {
		t.Error(err)
	}
}

// report makes a subtest of a check.
func report(t *testing.T, r conformance.Result) {
	t.Run(r.Check, func(t *testing.T) {
		switch r.Outcome {
		case conformance.Failed:
			lines := []string{r.Note}
			if r.Hint != "" {
				lines = append(lines, "mend: "+r.Hint)
			}
			t.Error(strings.Join(append(lines, "read: "+r.Page), "\n"))
		case conformance.Skipped:
			t.Skip(r.Note)
		}
	})
}
