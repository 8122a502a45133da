package conformance

import (
	"context"

	"github.com/headwatch/headwatch/sdk"
)

// Page is where the checks are described, each under its name.
const Page = "docs/conformance.md"

// The names of checks that others refer to.
const (
	checkHandshake = "handshake"
	checkConnect   = "connect"
	checkInfo      = "info"
	checkSchema    = "schema"
)

// check is one demand on a plugin.
type check struct {
	// name never changes: reports, scripts and the broken plugins use it.
	name string
	// kind is what a plugin must serve for the check to apply; empty for any.
	kind sdk.Kind
	// process says that it needs a process of the plugin's own, first that it
	// is about the start itself.
	process, first bool
	do             func(*run, context.Context) error
}

// Names are the names of all checks, in the order in which they are made.
func Names() []string {
	var names []string
	for _, c := range checks() {
		names = append(names, c.name)
	}
	return names
}

// checks are all checks in their order.
func checks() []check {
	return []check{
		{name: "cookie", process: true, first: true, do: (*run).checkCookie},
		{name: checkHandshake, process: true, first: true, do: (*run).checkHandshake},
		{name: checkConnect, process: true, first: true, do: (*run).checkConnect},
		{name: checkInfo, do: (*run).checkInfo},
		{name: "health", process: true, do: (*run).checkHealth},
		{name: checkSchema, do: (*run).checkSchema},
		{name: "examples", do: (*run).checkExamples},
		{name: "unconfigured", do: (*run).checkUnconfigured},
		{name: "config-unknown", do: (*run).checkConfigUnknown},
		{name: "config-type", do: (*run).checkConfigType},
		{name: "config-required", do: (*run).checkConfigRequired},
		{name: "config-garbage", do: (*run).checkConfigGarbage},
		{name: "configure", do: (*run).checkConfigure},
		{name: "configure-twice", do: (*run).checkConfigureTwice},
		{name: "codes", do: (*run).checkCodes},
		{name: "deadline", do: (*run).checkDeadline},
		{name: "concurrency", do: (*run).checkConcurrency},
		{name: "head", kind: sdk.KindHeadSource, do: (*run).checkHead},
		{name: "head-endpoint", kind: sdk.KindHeadSource, do: (*run).checkHeadEndpoint},
		{name: "log-order", kind: sdk.KindLogSource, do: (*run).checkLogOrder},
		{name: "log-batch", kind: sdk.KindLogSource, do: (*run).checkLogBatch},
		{name: "log-tail", kind: sdk.KindLogSource, do: (*run).checkLogTail},
		{name: "log-resume", kind: sdk.KindLogSource, do: (*run).checkLogResume},
		{name: "log-missing", kind: sdk.KindLogSource, do: (*run).checkLogMissing},
		{name: "cancel", kind: sdk.KindLogSource, do: (*run).checkCancel},
		{name: "parse-repeat", kind: sdk.KindLogParser, do: (*run).checkParseRepeat},
		{name: "parse-split", kind: sdk.KindLogParser, do: (*run).checkParseSplit},
		{name: "parse-state", kind: sdk.KindLogParser, do: (*run).checkParseState},
		{name: "parse-interleave", kind: sdk.KindLogParser, do: (*run).checkParseInterleave},
		{name: "parse-bytes", kind: sdk.KindLogParser, do: (*run).checkParseBytes},
		{name: "parse-events", kind: sdk.KindLogParser, do: (*run).checkParseEvents},
		{name: "inspect-missing", kind: sdk.KindAction, do: (*run).checkInspectMissing},
		{name: "inspect-repeat", kind: sdk.KindAction, do: (*run).checkInspectRepeat},
		{name: "execute-missing", kind: sdk.KindAction, do: (*run).checkExecuteMissing},
		{name: "execute-dry-run", kind: sdk.KindAction, do: (*run).checkExecuteDryRun},
		{name: "execute-guard", kind: sdk.KindAction, do: (*run).checkExecuteGuard},
		{name: "execute-once", kind: sdk.KindAction, do: (*run).checkExecuteOnce},
		{name: "signals", process: true, do: (*run).checkSignals},
		{name: "lifeline", process: true, do: (*run).checkLifeline},
		{name: "shutdown", process: true, do: (*run).checkShutdown},
		{name: "children", process: true, do: (*run).checkChildren},
		{name: "stdout", process: true, do: (*run).checkStdout},
		{name: "stderr", process: true, do: (*run).checkStderr},
	}
}
