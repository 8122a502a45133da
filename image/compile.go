package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// symbols is the package whose variables the linker sets.
const symbols = "github.com/headwatch/headwatch/host/internal/cli"

// release is what the image says about where it came from.
type release struct {
	version  string
	revision string // empty outside a repository
	created  time.Time
}

// describe reads the commit. The time of the image is that of the commit, or
// what SOURCE_DATE_EPOCH says, so that the same source gives the same image.
func describe(ctx context.Context, root, version string) (release, error) {
	r := release{version: version, created: time.Unix(0, 0).UTC()}
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	command := exec.CommandContext(ctx, "git", "-C", root, "log", "-1", "--format=%H %ct")
	if out, err := command.Output(); err == nil {
		revision, committed, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
		r.revision = revision
		if seconds == "" {
			seconds = committed
		}
	}
	if seconds == "" {
		return r, nil
	}
	epoch, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return r, fmt.Errorf("read the time of the source: %w", err)
	}
	r.created = time.Unix(epoch, 0).UTC()
	return r, nil
}

// compile builds the static binary for one architecture.
func compile(ctx context.Context, root string, r release, arch string) ([]byte, error) {
	folder, err := os.MkdirTemp("", "headwatch-image-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to build in: %w", err)
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "headwatch")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "grpcnotrace",
		"-ldflags", fmt.Sprintf("-s -w -X %s.Version=%s -X %s.Commit=%.12s", symbols, r.version, symbols, r.revision), "-o", binary, "./host/bundle")
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOWORK=off")
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("compile: %w\n%s", err, said.Bytes())
	}
	data, err := os.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("read what was compiled: %w", err)
	}
	return data, nil
}
