// Package jsonrpc is a head source that asks any JSON-RPC or REST endpoint: a
// method or a path to ask for, and the places in the answer where the height
// and what goes with it stand.
//
// A head that is not known is an error, never a number. The package decides
// nothing about the node that is watched, and no text that leaves it, in an
// error, a log or a head, holds more of an address than its scheme and host.
package jsonrpc

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
		Name:        "rpc-jsonrpc",
		Version:     Version,
		Description: "asks any JSON-RPC or REST endpoint for the newest block",
		// Nothing listens there; what is asked is refused at once.
		Examples: []sdk.Example{
			{Name: "preset", Config: `{"preset":"ethereum","url":"http://127.0.0.1:9","chain_id":"1"}`},
			{Name: "credentials", Config: `{"preset":"bitcoin","url":"http://127.0.0.1:9","user":"headwatch","password":"not-a-secret"}`},
			{Name: "fail-over", Config: `{"preset":"cometbft","url":"http://127.0.0.1:9","endpoint":[{"url":"http://127.0.0.1:9/cosmos","headers":{"x-api-key":"not-a-secret"}}],"timeout":5}`},
			{Name: "json-rpc by hand", Config: `{"url":"http://127.0.0.1:9","method":"eth_blockNumber","best":"result"}`},
			{Name: "rest by hand", Config: `{"url":"http://127.0.0.1:9","request":"GET /blocks/tip","best":"height","hash":"id","time":"timestamp","also":[{"request":"GET /blocks/{best}/status","finalized":"0.finalized"}]}`},
		},
	}
}
