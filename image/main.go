// Command image builds the container image without a daemon and without pulling
// anything: it compiles the bundle, lays it out FROM scratch, writes an archive
// for each architecture that `docker load` takes, and loads the one that fits
// into the engine where one answers.
//
// It is a module of its own, so that what it needs stays out of the project's
// go.mod. The same commit gives the same image, bit by bit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// What the image may weigh, in bytes: the sizes that the README states.
const (
	mostUnpacked   = 30_000_000
	mostCompressed = 12_000_000
)

// options are the command line.
type options struct {
	root    string
	out     string
	version string
	arches  []string
	load    string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&o.root, "root", "..", "the project's folder")
	flags.StringVar(&o.out, "out", "", "where the archives go (default: dist in the project's folder)")
	flags.StringVar(&o.version, "version", "0.0.0-dev", "the version to build")
	arches := flags.String("arch", "amd64,arm64", "the architectures to build")
	flags.StringVar(&o.load, "load", "auto", "load into the engine: auto (where one answers), always, never")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.arches = strings.Split(*arches, ",")
	if o.out == "" {
		o.out = filepath.Join(o.root, "dist")
	}
	if o.load != "auto" && o.load != "always" && o.load != "never" {
		return o, fmt.Errorf("-load is %q; it must be auto, always or never", o.load)
	}
	return o, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return fmt.Errorf("make the folder of the archives: %w", err)
	}
	release, err := describe(ctx, o.root, o.version)
	if err != nil {
		return err
	}
	archives := map[string]string{}
	for _, arch := range o.arches {
		if archives[arch], err = build(ctx, o, release, arch, out); err != nil {
			return fmt.Errorf("build for %s: %w", arch, err)
		}
	}
	return load(ctx, o, archives, out)
}

// build makes the archive of one architecture and says what it weighs.
func build(ctx context.Context, o options, r release, arch string, out io.Writer) (string, error) {
	binary, err := compile(ctx, o.root, r, arch)
	if err != nil {
		return "", err
	}
	config, err := os.ReadFile(filepath.Join(o.root, "examples", "monitor.hcl"))
	if err != nil {
		return "", fmt.Errorf("read the default configuration: %w", err)
	}
	image, err := assemble(r, arch, binary, config)
	if err != nil {
		return "", err
	}
	archive := filepath.Join(o.out, "headwatch-"+arch+".tar")
	if err := write(archive, tagged("latest"), image); err != nil {
		return "", err
	}
	return archive, weigh(image, arch, archive, out)
}

// write makes an archive for docker load. It has one tag: of several the library
// writes the order at random.
func write(path, called string, image v1.Image) error {
	tag, err := name.NewTag(called, name.WithDefaultRegistry(""))
	if err != nil {
		return fmt.Errorf("name the image: %w", err)
	}
	if err := tarball.WriteToFile(path, tag, image); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func tagged(version string) string { return "headwatch:" + version }

// weigh prints the sizes, and refuses an image that grew too big.
func weigh(image v1.Image, arch, archive string, out io.Writer) error {
	layers, err := image.Layers()
	if err != nil {
		return fmt.Errorf("read the layers: %w", err)
	}
	var compressed, unpacked int64
	for _, layer := range layers {
		size, err := layer.Size()
		if err != nil {
			return fmt.Errorf("weigh a layer: %w", err)
		}
		compressed += size
		plain, err := layer.Uncompressed()
		if err != nil {
			return fmt.Errorf("unpack a layer: %w", err)
		}
		size, err = io.Copy(io.Discard, plain)
		if err = errors.Join(err, plain.Close()); err != nil {
			return fmt.Errorf("unpack a layer: %w", err)
		}
		unpacked += size
	}
	digest, err := image.Digest()
	if err != nil {
		return fmt.Errorf("digest the image: %w", err)
	}
	fmt.Fprintf(out, "%s\t%.1f MB unpacked, %.1f MB compressed\t%s\t%s\n", arch, float64(unpacked)/1e6, float64(compressed)/1e6, archive, digest)
	if unpacked > mostUnpacked || compressed > mostCompressed {
		return fmt.Errorf("the image is over %d MB unpacked or %d MB compressed", mostUnpacked/1_000_000, mostCompressed/1_000_000)
	}
	return nil
}

// load hands the archive of the engine's architecture to the engine.
func load(ctx context.Context, o options, archives map[string]string, out io.Writer) error {
	if o.load == "never" {
		return nil
	}
	answer, err := exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Arch}}").Output()
	arch := strings.TrimSpace(string(answer))
	archive, fits := archives[arch]
	switch {
	case err != nil && o.load == "always":
		return fmt.Errorf("ask the engine for its architecture: %w", err)
	case err != nil:
		fmt.Fprintf(out, "no engine answers; load an archive with: docker load -i FILE\n")
		return nil
	case !fits:
		return fmt.Errorf("the engine is %s, which was not built", arch)
	}
	for _, args := range [][]string{{"load", "--input", archive}, {"tag", tagged("latest"), tagged(o.version)}} {
		command := exec.CommandContext(ctx, "docker", args...)
		command.Stdout, command.Stderr = out, os.Stderr
		if err := command.Run(); err != nil {
			return fmt.Errorf("docker %s: %w", args[0], err)
		}
	}
	return nil
}
