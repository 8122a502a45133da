// Package sdk is all that the author of a headwatch plugin imports.
//
// A plugin is a process that the host starts, configures and asks. It serves
// one kind: a [HeadSource] says what the network's newest block is, a
// [LogParser] turns log lines into events, an [Action] inspects and restarts a
// target, a [LogSource] serves a target's log. An action may serve the log too.
//
// A main function calls one of [ServeHeadSource], [ServeLogParser],
// [ServeAction] and [ServeLogSource] and nothing else. Configuration is a
// struct with tags; see [Configurable]. Failures are plain errors, or one of
// the constructors of [Error] where the host should do something other than
// try again.
//
// What a plugin writes with log/slog, or with package log, arrives in the host's
// log with its level and fields; what it prints arrives as it stands. A panic in
// a call is an error of that call; one in a goroutine of the plugin's own ends
// the process, which the host starts again. The plugin's value may be called
// from several goroutines at a time. Where it is an io.Closer, it is closed
// when the host ends the plugin in good order, which no plugin may rely on.
//
// Package sdk never decides anything about a node, and no plugin calls the
// host.
package sdk
