package cli

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs what a user types. The programs as they are shipped are in
// $PATH, the plugins beside headwatch, the examples in $EXAMPLES.
func TestScripts(t *testing.T) {
	p := shipped(t)
	examples, err := filepath.Abs("../../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		UpdateScripts: os.Getenv("UPDATE_GOLDEN") != "",
		Dir:           "testdata/script",
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"pack": pack, "cut": cut},
		Setup: func(env *testscript.Env) error {
			plugins := filepath.Join(env.WorkDir, ".plugins")
			if err := linkPlugins(p, plugins); err != nil {
				return err
			}
			env.Setenv("PATH", filepath.Dir(p.headwatch)+string(filepath.ListSeparator)+env.Getenv("PATH"))
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

// linkPlugins makes a plugin folder.
func linkPlugins(p programs, folder string) error {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for _, name := range pluginNames() {
		if err := os.Symlink(filepath.Join(p.plugins, name), filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}
