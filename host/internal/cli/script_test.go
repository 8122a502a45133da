package cli

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"pack": pack, "cut": cut},
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

// pack FILE TO compresses a file.
func pack(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, ts.ReadFile(args[0]))
	ts.Check(errors.Join(err, w.Close(), os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600)))
}

// cut FILE BYTES takes so many bytes off the end of a file.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	n, err := strconv.Atoi(args[1])
	ts.Check(errors.Join(err, os.WriteFile(ts.MkAbs(args[0]), []byte(text[:len(text)-n]), 0o600)))
}

// linkPlugins makes a plugin folder that holds the plugins only.
func linkPlugins(from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"rpc-onfinality", "alephlog-parser", "docker-restart", "log-regexp", "rpc-jsonrpc", "exec-action"} {
		if err := os.Symlink(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}
