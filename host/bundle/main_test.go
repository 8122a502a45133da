package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The test binary is the bundle when a name is asked for.
func TestMain(m *testing.M) {
	if os.Getenv("BUNDLE_TEST") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestNameDecides(t *testing.T) {
	tests := []struct{ name, argument, want string }{
		{"headwatch", "version", "headwatch "},
		{"anything-else", "version", "headwatch "},
		{"rpc-onfinality", "--version", "rpc-onfinality "},
		{"rpc-jsonrpc", "--version", "rpc-jsonrpc "},
		{"alephlog-parser", "--version", "alephlog-parser "},
		{"exec-action", "--version", "exec-action "},
		{"docker-restart", "--version", "docker-restart "},
		{"log-regexp", "--version", "log-regexp "},
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			link := filepath.Join(t.TempDir(), test.name)
			if err := os.Symlink(self, link); err != nil {
				t.Fatal(err)
			}
			command := exec.Command(link, test.argument)
			command.Env = []string{"BUNDLE_TEST=1", "HOME=" + t.TempDir(), "GORACE=atexit_sleep_ms=0"}
			out, err := command.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(out), test.want) {
				t.Errorf("got %q, want it to begin with %q", out, test.want)
			}
		})
	}
}
