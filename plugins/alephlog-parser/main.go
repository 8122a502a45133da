// Command alephlog-parser is the log parser for aleph-node and other nodes
// that are built on Substrate. The host starts it; see package alephlog.
package main

import "github.com/headwatch/headwatch/plugins/alephlog-parser/alephlog"

func main() { alephlog.Main() }
