package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const module = "github.com/headwatch/headwatch/"

// pluginNames are the plugins that the demo's configuration uses.
var pluginNames = []string{"rpc-onfinality", "alephlog-parser", "docker-restart"}

// build puts the host and its plugins into a folder, with the flags of the
// environment (GOFLAGS), so that nothing is compiled twice.
func build(ctx context.Context, folder string) error {
	if err := goBuild(ctx, filepath.Join(folder, "headwatch"), module+"host"); err != nil {
		return err
	}
	packages := []string{}
	for _, name := range pluginNames {
		packages = append(packages, module+"plugins/"+name)
	}
	// A folder as the output gives each binary the name of its package.
	plugins := filepath.Join(folder, "plugins")
	if err := os.MkdirAll(plugins, 0o755); err != nil {
		return err
	}
	return goBuild(ctx, plugins, packages...)
}

func goBuild(ctx context.Context, output string, packages ...string) error {
	command := exec.CommandContext(ctx, "go", append([]string{"build", "-o", output}, packages...)...)
	if text, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %v: %w\n%s", packages, err, text)
	}
	return nil
}

// checkBin reports what is missing in a folder that was given.
func checkBin(folder string) error {
	for _, name := range append([]string{"../headwatch"}, pluginNames...) {
		if _, err := os.Stat(filepath.Join(folder, "plugins", name)); err != nil {
			return fmt.Errorf("use the binaries in %s: %w; run make build first", folder, err)
		}
	}
	return nil
}
