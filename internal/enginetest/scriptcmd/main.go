// Command scriptcmd is package script as the only process of a container.
package main

import (
	"os"

	"github.com/headwatch/headwatch/internal/enginetest/program"
	"github.com/headwatch/headwatch/internal/enginetest/script"
)

func main() { os.Exit(program.Main(script.Run)) }
