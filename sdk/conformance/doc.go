// Package conformance holds the checks that every plugin must pass, whatever
// language it is written in. The command "headwatch test-plugin" runs them
// against a binary, package plugintest against a Go value; docs/conformance.md
// says of each check what it demands and why.
//
// The checks need nothing but the plugin. Configurations, targets and log lines
// come from the examples that it publishes, or from its operator. A check whose
// back-end is not there is skipped. Execute is called on targets only that the
// plugin itself has just reported missing, and on those that an example calls
// disposable: nothing of a user's is ever acted on.
package conformance
