// Command headwatch watches blockchain nodes and restarts them by rules.
package main

import (
	"context"
	"os"

	"github.com/headwatch/headwatch/host/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
