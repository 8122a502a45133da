// Package pluginv1 is the code generated from plugin.proto, the protocol between
// the host and its plugins. Authors of plugins in Go need it not: package sdk
// speaks it for them.
package pluginv1
