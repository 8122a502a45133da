// Package substraterpc is a head source that asks Substrate nodes over
// JSON-RPC, by polling over HTTP or by a subscription over WebSocket.
//
// It decides nothing about the node that is watched, and no text that leaves
// it, in an error, a log or a head, holds more of an address than its scheme
// and host.
package substraterpc

import (
	"github.com/headwatch/headwatch/sdk"
)

// Version is the version of the plugin.
const Version = "0.1.0"

// Main serves the plugin until the host ends it.
func Main() {
	sdk.ServeHeadSource(info(), newSource())
}

func info() sdk.Info {
	return sdk.Info{
		Name:        "rpc-onfinality",
		Version:     Version,
		Description: "asks Substrate nodes such as OnFinality's for the newest block, over JSON-RPC",
		Examples: []sdk.Example{
			// Port 9 of the loopback: a test contacts nobody's endpoint.
			{Name: "polling", Config: `{"url":"http://127.0.0.1:9/example-of-a-key"}`},
			{Name: "subscription with fail-over", Config: `{"urls":["ws://127.0.0.1:9/example-of-a-key","http://127.0.0.1:9"],"timeout":5}`},
		},
	}
}
