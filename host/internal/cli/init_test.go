package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/internal/enginetest"
)

// command runs a command of headwatch in this process.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, said bytes.Buffer
	code = Run(t.Context(), args, strings.NewReader(""), &out, &said)
	return code, out.String(), said.String()
}

// On a machine with three containers that look like nodes init writes a file that
// validates, and changes nothing.
func TestInit(t *testing.T) {
	api := enginetest.RealEngine(t)
	binary := filepath.Join(t.TempDir(), "program")
	if err := enginetest.BuildProgram(t.Context(), "github.com/headwatch/headwatch/internal/enginetest/scriptcmd", binary); err != nil {
		t.Fatal(err)
	}
	prefix := enginetest.NewName()
	states := func() (all []container.State) {
		for _, name := range []string{"dot", "eth", "hub", "db"} {
			c, err := api.ContainerInspect(t.Context(), prefix+name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, *c.State)
		}
		return all
	}
	for name, node := range map[string][]string{
		"dot": {"polkadot", "wait", "--chain", "kusama"}, "eth": {"client-go", "wait", "--http"},
		"hub": {"gaia", "wait"}, "db": {"postgres", "wait", "s3cret"},
	} {
		image := prefix + "/" + node[0] + ":v1"
		enginetest.ImageOfName(t, api, binary, image)
		id := enginetest.NewContainer(t, api, enginetest.Spec{Name: prefix + name, Image: image, Args: node[1:]})
		if err := api.ContainerStart(t.Context(), id, container.StartOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	before := states()
	file := filepath.Join(t.TempDir(), "monitor.hcl")
	code, _, said := command(t, "init", "--out", file)
	for _, want := range []string{prefix + "dot: Polkadot, network kusama", prefix + "eth: geth, network mainnet", prefix + "hub: CometBFT, network unknown",
		prefix + "db (image " + prefix + "/postgres:v1): no node that headwatch knows", "2 endpoint(s) are left for you to name", "next: headwatch doctor --config " + file} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said", want)
		}
	}
	if code != exitOK || strings.Contains(said, "s3cret") {
		t.Errorf("exit code %d\n%s", code, said)
	}
	if code, out, said := command(t, "validate", "--config", file); code != exitOK || said != "" {
		t.Errorf("validate: exit code %d\n%s%s", code, out, said)
	}
	if diff := cmp.Diff(before, states()); diff != "" {
		t.Errorf("the containers have changed (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// A second time nothing is written over.
	if code, _, said = command(t, "init", "--out", file); code != exitUsage || !strings.Contains(said, "exists, and is not written over") {
		t.Errorf("exit code %d\n%s", code, said)
	}
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, text) {
		t.Errorf("the file has changed: %v", err)
	}
	if code, out, _ := command(t, "init", "--out", "-"); code != exitOK || out != string(text) {
		t.Errorf("exit code %d, standard output\n%s", code, out)
	}
}

// Where there is no node, and no engine, nothing is written and it is said why.
func TestInitWithoutNodes(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	e.RunContainer(enginetest.Spec{Name: "db", Image: "postgres:16"})
	e.CreateContainer(enginetest.Spec{Name: "old", Image: "parity/polkadot"})
	t.Chdir(t.TempDir())
	t.Setenv("DOCKER_HOST", e.Host())
	code, _, said := command(t, "init")
	for _, want := range []string{"db (image postgres:16): no node that headwatch knows", "old: Polkadot, network polkadot: does not run", "examples/careful.hcl"} {
		if code != exitFailed || !strings.Contains(said, want) {
			t.Errorf("exit code %d, want %q in\n%s", code, want, said)
		}
	}
	t.Setenv("DOCKER_HOST", "unix:///run/headwatch-absent.sock")
	if code, _, said := command(t, "init"); code != exitFailed || !strings.Contains(said, "/run/headwatch-absent.sock") {
		t.Errorf("exit code %d\n%s", code, said)
	}
	if _, err := os.Stat("monitor.hcl"); err == nil {
		t.Error("a file was written")
	}
}
