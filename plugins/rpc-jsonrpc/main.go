// Command rpc-jsonrpc is a headwatch plugin: a head source over any JSON-RPC or
// REST endpoint.
package main

import (
	// The image has no file of certificate authorities.
	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/headwatch/headwatch/plugins/rpc-jsonrpc/jsonrpc"
)

func main() { jsonrpc.Main() }
