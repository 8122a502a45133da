// Package handshake holds what a host and a plugin have to agree on beside the
// messages. It must never change within a major version of the protocol.
package handshake

import goplugin "github.com/hashicorp/go-plugin"

// Name is the key of the one service set that a plugin registers.
const Name = "headwatch"

// Lifeline is the variable that says that file descriptor 3 is the read end of
// a pipe whose other end the host holds: when it ends, the host is gone.
const Lifeline = "HEADWATCH_LIFELINE"

// Reattach is the variable in which a host looks for plugins that run already: a
// JSON object of where each serves, by the plugin's name or by that of a block,
// such as action.restart.
const Reattach = "HEADWATCH_REATTACH"

// PluginState is the variable that names the folder which the host keeps for an
// action, over all restarts of the plugin and of the host.
const PluginState = "HEADWATCH_PLUGIN_STATE"

// Running is a plugin that runs already, and where it serves.
type Running struct {
	// Address is the path of its unix socket.
	Address string `json:"address"`
	// PID is the process, for people.
	PID int `json:"pid"`
	// Protocol is the major version that it speaks.
	Protocol int `json:"protocol"`
}

// MaxMessage bounds one message, in bytes.
const MaxMessage = 16 << 20

// Config is the handshake. The cookie is no secret: it keeps a person who runs
// a plugin by hand from waiting for nothing.
func Config() goplugin.HandshakeConfig {
	return goplugin.HandshakeConfig{
		ProtocolVersion:  1,
		MagicCookieKey:   "HEADWATCH_PLUGIN",
		MagicCookieValue: "headwatch.plugin.v1",
	}
}
