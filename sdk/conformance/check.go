package conformance

import (
	"context"
	"slices"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
)

// Page is where the checks are described, each under its name.
const Page = "docs/conformance.md"

// The names of checks that others refer to.
const (
	checkHandshake = string(subject.Handshake)
	checkConnect   = string(subject.Connection)
	checkInfo      = "info"
	checkSchema    = "schema"
)

// check is one demand on a plugin.
type check struct {
	// name never changes: reports, scripts and the broken plugins use it.
	name string
	// kinds are those of a plugin to which the check applies; none means all.
	kinds []sdk.Kind
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
func checks() []check { return slices.Concat(commonChecks(), kindChecks(), lastChecks()) }

// commonChecks are those of every plugin.
func commonChecks() []check {
	targets := []sdk.Kind{sdk.KindAction, sdk.KindLogSource}
	return []check{
		{name: "cookie", process: true, first: true, do: (*run).checkCookie},
		{name: checkHandshake, process: true, first: true, do: (*run).checkHandshake},
		{name: checkConnect, process: true, first: true, do: (*run).checkConnect},
		{name: checkInfo, do: (*run).checkInfo},
		{name: "health", process: true, do: (*run).checkHealth},
		{name: checkSchema, do: (*run).checkSchema},
		{name: "examples", do: (*run).checkExamples},
		{name: "unconfigured", do: (*run).checkUnconfigured},
		{name: "config-unknown", do: checkMistakes(block.Unknown, "")},
		{name: "config-type", do: checkMistakes(block.WrongTypes, "the config has no attribute")},
		{name: "config-required", do: checkMistakes(block.Missing, "nothing in the config is required")},
		{name: "config-garbage", do: (*run).checkConfigGarbage},
		{name: "target", kinds: targets, do: (*run).checkTarget},
		{name: "configure", do: (*run).checkConfigure},
		{name: "configure-twice", do: (*run).checkConfigureTwice},
		{name: "codes", do: (*run).checkCodes},
		{name: "deadline", do: (*run).checkDeadline},
		{name: "concurrency", do: (*run).checkConcurrency},
	}
}

// kindChecks are those of what a plugin serves.
func kindChecks() []check {
	head, log := []sdk.Kind{sdk.KindHeadSource}, []sdk.Kind{sdk.KindLogSource}
	parser, action := []sdk.Kind{sdk.KindLogParser}, []sdk.Kind{sdk.KindAction}
	return []check{
		{name: "head", kinds: head, do: (*run).checkHead},
		{name: "head-endpoint", kinds: head, do: (*run).checkHeadEndpoint},
		{name: "log-order", kinds: log, do: (*run).checkLogOrder},
		{name: "log-batch", kinds: log, do: (*run).checkLogBatch},
		{name: "log-tail", kinds: log, do: (*run).checkLogTail},
		{name: "log-once", kinds: log, do: (*run).checkLogOnce},
		{name: "log-resume", kinds: log, do: (*run).checkLogResume},
		{name: "log-missing", kinds: log, do: (*run).checkLogMissing},
		{name: "cancel", kinds: log, do: (*run).checkCancel},
		{name: "parse-repeat", kinds: parser, do: (*run).checkParseRepeat},
		{name: "parse-split", kinds: parser, do: (*run).checkParseSplit},
		{name: "parse-state", kinds: parser, do: (*run).checkParseState},
		{name: "parse-interleave", kinds: parser, do: (*run).checkParseInterleave},
		{name: "parse-bytes", kinds: parser, do: (*run).checkParseBytes},
		{name: "parse-events", kinds: parser, do: (*run).checkParseEvents},
		{name: "inspect-missing", kinds: action, do: (*run).checkInspectMissing},
		{name: "inspect-repeat", kinds: action, do: (*run).checkInspectRepeat},
		{name: "inspect-hazards", kinds: action, do: (*run).checkInspectHazards},
		{name: "targets", kinds: action, do: (*run).checkTargets},
		{name: "execute-missing", kinds: action, do: (*run).checkExecuteMissing},
		{name: "execute-dry-run", kinds: action, do: (*run).checkExecuteDryRun},
		{name: "execute-guard", kinds: action, do: (*run).checkExecuteGuard},
		{name: "execute-once", kinds: action, do: (*run).checkExecuteOnce},
	}
}

// lastChecks look at what the others have left, and end the plugin.
func lastChecks() []check {
	return []check{
		{name: "secrets", do: (*run).checkSecrets},
		{name: "signals", process: true, do: (*run).checkSignals},
		{name: "lifeline", process: true, do: (*run).checkLifeline},
		{name: "shutdown", process: true, do: (*run).checkShutdown},
		{name: "children", process: true, do: (*run).checkChildren},
		{name: "stdout", process: true, do: (*run).checkStdout},
		{name: "stderr", process: true, do: (*run).checkStderr},
	}
}
