// Command rpc-onfinality is a headwatch plugin: a head source over Substrate
// JSON-RPC.
package main

import (
	// The image has no file of certificate authorities.
	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/headwatch/headwatch/plugins/rpc-onfinality/substraterpc"
)

func main() { substraterpc.Main() }
