// Command simnode is a simulated blockchain node: it prints what aleph-node
// prints and, when it is told to, stops importing blocks while it stays alive.
package main

import (
	"os"

	"github.com/headwatch/headwatch/internal/enginetest/nodesim"
	"github.com/headwatch/headwatch/internal/enginetest/program"
)

func main() { os.Exit(program.Main(nodesim.Run)) }
