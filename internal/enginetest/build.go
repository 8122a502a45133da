package enginetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// BuildProgram builds a main package as "make build" does, so that nothing is
// compiled twice: Linux, static, and plain whatever the tests are built with.
func BuildProgram(ctx context.Context, importPath, output string, tags ...string) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w",
		"-tags="+strings.Join(append(tags, "grpcnotrace"), ","), "-o", output, importPath)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", importPath, err, text)
	}
	return nil
}

// BuildBundle builds headwatch and its plugins as the image has them: one program
// that is folder/headwatch and, under their names, the plugins in folder/plugins.
func BuildBundle(ctx context.Context, folder string, plugins ...string) error {
	bundle := filepath.Join(folder, "headwatch")
	err := errors.Join(os.MkdirAll(filepath.Join(folder, "plugins"), 0o755),
		BuildProgram(ctx, "github.com/headwatch/headwatch/host/bundle", bundle))
	for _, name := range plugins {
		if err == nil {
			err = os.Link(bundle, filepath.Join(folder, "plugins", name))
		}
	}
	return err
}
