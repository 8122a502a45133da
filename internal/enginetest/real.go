package enginetest

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/client"
)

// RequireVariable is the environment variable that turns the skipping of tests
// for want of an engine into a failure when it is "1".
const RequireVariable = "HEADWATCH_REQUIRE_DOCKER"

// Label is on every container that this package makes.
const Label = "headwatch.test"

// Dial makes a client for the engine at host, or for the one that the
// environment says where host is empty, and agrees on a version with it. An
// error means that no engine answers.
func Dial(ctx context.Context, host string) (*client.Client, error) {
	options := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if host != "" {
		options = []client.Opt{client.WithHost(host), client.WithAPIVersionNegotiation()}
	}
	api, err := client.NewClientWithOpts(options...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ping, err := api.Ping(ctx)
	if err != nil {
		return nil, errors.Join(err, api.Close())
	}
	api.NegotiateAPIVersionPing(ping)
	return api, nil
}

// RealEngine returns a client for the real engine. Where none answers the test
// is skipped, or fails where RequireVariable demands an engine.
func RealEngine(t testing.TB) *client.Client {
	t.Helper()
	api, err := Dial(t.Context(), "")
	if err != nil && os.Getenv(RequireVariable) == "1" {
		t.Fatalf("no Docker Engine answers, and %s=1 demands one: %v", RequireVariable, err)
	}
	if err != nil {
		t.Skipf("skipped: no Docker Engine answers: %v", err)
	}
	t.Cleanup(func() { _ = api.Close() }) // the end of a test
	return api
}

// Client returns a client for a stand-in engine.
func Client(t testing.TB, e *Engine) *client.Client {
	t.Helper()
	api, err := Dial(t.Context(), e.Host())
	if err != nil {
		t.Fatalf("reach the stand-in engine: %v", err)
	}
	t.Cleanup(func() { _ = api.Close() }) // the end of a test
	return api
}

// Image builds the main package at an import path and gives the real engine an
// image of nothing else. The image is gone when the test ends.
func Image(t testing.TB, api *client.Client, importPath string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	if err := BuildProgram(t.Context(), importPath, binary); err != nil {
		t.Fatal(err)
	}
	return ImageOf(t, api, binary)
}

// ImageOf gives the real engine an image of a program that was built. The image
// is gone when the test ends.
func ImageOf(t testing.TB, api *client.Client, binary string) string {
	t.Helper()
	tag := NewName()
	ImageOfName(t, api, binary, tag)
	return tag
}

// ImageOfName is ImageOf with a name; an image that had it loses it.
func ImageOfName(t testing.TB, api *client.Client, binary, tag string) {
	t.Helper()
	if err := ImportImage(t.Context(), api, binary, tag); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := RemoveImage(context.Background(), api, tag); err != nil {
			t.Error(err)
		}
	})
}

// ImportImage gives the engine an image from scratch that holds one program
// and runs it.
func ImportImage(ctx context.Context, api *client.Client, program, tag string) error {
	content, err := os.ReadFile(program)
	if err != nil {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	header := &tar.Header{Name: "program", Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}
	headerErr := w.WriteHeader(header)
	_, writeErr := w.Write(content)
	if err := errors.Join(headerErr, writeErr, w.Close()); err != nil {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	answer, err := api.ImageImport(ctx, image.ImportSource{Source: &archive, SourceName: "-"}, tag,
		image.ImportOptions{Changes: []string{`ENTRYPOINT ["/program"]`}})
	if err != nil {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	_, err = io.Copy(io.Discard, answer) // the import is done when the answer ends
	return errors.Join(err, answer.Close())
}

// RemoveImage removes what ImportImage made.
func RemoveImage(ctx context.Context, api *client.Client, tag string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := api.ImageRemove(ctx, tag, image.RemoveOptions{Force: true, PruneChildren: true})
	if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("remove image %s: %w", tag, err)
	}
	return nil
}

// NewContainer makes a container in either engine, without a network and not
// started. It is removed when the test ends. Of the spec, Program counts for
// nothing: the image has it.
func NewContainer(t testing.TB, api *client.Client, spec Spec) (id string) {
	t.Helper()
	if spec.Name == "" {
		spec.Name = NewName()
	}
	id, err := MakeContainer(t.Context(), api, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := RemoveContainer(context.Background(), api, id); err != nil {
			t.Error(err)
		}
		if spec.Volume != "" { // another container may still have it
			_ = api.VolumeRemove(context.Background(), spec.Volume, false)
		}
	})
	return id
}

// MakeContainer is NewContainer outside of a test.
func MakeContainer(ctx context.Context, api *client.Client, spec Spec) (id string, err error) {
	labels := map[string]string{Label: "1"}
	for k, v := range spec.Labels {
		labels[k] = v
	}
	config := &container.Config{
		Image: spec.Image, Entrypoint: spec.Entrypoint, Cmd: spec.Args, Tty: spec.TTY, Env: spec.Env, Labels: labels,
		StopSignal: spec.StopSignal, StopTimeout: spec.StopTimeout,
	}
	network := container.NetworkMode("none")
	if spec.NetworkOf != "" {
		network = container.NetworkMode("container:" + spec.NetworkOf)
	}
	host := &container.HostConfig{
		NetworkMode:   network,
		LogConfig:     container.LogConfig{Type: spec.LogDriver, Config: spec.LogOptions},
		AutoRemove:    spec.AutoRemove,
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyMode(spec.RestartPolicy)},
	}
	if spec.Init {
		host.Init = &spec.Init
	}
	switch {
	case spec.Volume != "":
		host.Mounts = []mount.Mount{{Type: mount.TypeVolume, Source: spec.Volume, Target: "/data", ReadOnly: spec.ReadOnly}}
	case spec.Bind != "":
		host.Mounts = []mount.Mount{{Type: mount.TypeBind, Source: spec.Bind, Target: "/data", ReadOnly: spec.ReadOnly}}
	}
	answer, err := api.ContainerCreate(ctx, config, host, nil, nil, spec.Name)
	if err != nil {
		return "", fmt.Errorf("create container %s: %w", spec.Name, err)
	}
	return answer.ID, nil
}

// RemoveContainer kills and removes a container; one that is gone is fine.
func RemoveContainer(ctx context.Context, api *client.Client, id string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	err := api.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("remove container %s: %w", id, err)
	}
	return nil
}

// NewName is a name for a container or an image that nobody else uses: several
// runs of the tests may share an engine.
func NewName() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	return "headwatch-test-" + hex.EncodeToString(b[:])
}
