// Command alephlog-parser is a log parser of headwatch: it reads what
// aleph-node and other Substrate nodes log.
package main

import "github.com/headwatch/headwatch/plugins/alephlog-parser/alephlog"

func main() { alephlog.Main() }
