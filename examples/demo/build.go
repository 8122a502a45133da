package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const module = "github.com/headwatch/headwatch/"

// pluginNames are the plugins that the demo's configuration uses.
var pluginNames = []string{"rpc-onfinality", "alephlog-parser", "docker-restart"}

// checkBin reports what is missing in a folder that was given.
func checkBin(folder string) error {
	for _, name := range append([]string{"../headwatch"}, pluginNames...) {
		if _, err := os.Stat(filepath.Join(folder, "plugins", name)); err != nil {
			return fmt.Errorf("use the binaries in %s: %w; run make build first", folder, err)
		}
	}
	return nil
}
