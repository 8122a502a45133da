package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs what a user types. The programs are in $PATH, the plugins
// beside headwatch, the examples in $EXAMPLES.
func TestScripts(t *testing.T) {
	binary, err := exec.LookPath("headwatch")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Abs("../../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			plugins := filepath.Join(env.WorkDir, ".plugins")
			if err := linkPlugins(filepath.Dir(binary), plugins); err != nil {
				return err
			}
			env.Setenv("HEADWATCH_PLUGIN_DIR", plugins)
			env.Setenv("EXAMPLES", examples)
			env.Setenv("CONTAINER_NAME", "")
			return nil
		},
	})
}

// linkPlugins makes a plugin folder that holds the plugins only.
func linkPlugins(from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"rpc-onfinality", "alephlog-parser", "docker-restart"} {
		if err := os.Symlink(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}
