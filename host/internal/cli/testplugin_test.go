package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTestPluginCodes(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"text": 0o600, "nonsense": 0o700, "silent": 0o700} {
		content := "exit 3\n"
		if name == "silent" {
			content = "#!/bin/sh\n" + content
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		args []string
		code int
		said string
	}{
		{"no plugin is named", nil, exitUsage, "accepts 1 arg(s)"},
		{"nothing is there", []string{filepath.Join(dir, "nothing")}, exitUsage, "does not exist"},
		{"a folder", []string{dir}, exitUsage, "is a folder"},
		{"a text", []string{filepath.Join(dir, "text")}, exitUsage, "is not executable"},
		{"a file that is no program", []string{filepath.Join(dir, "nonsense")}, exitUsage, "exec format error"},
		{"a device", []string{os.DevNull}, exitUsage, "is not executable"},
		{"a wrong expression", []string{"--run", "(", filepath.Join(dir, "silent")}, exitUsage, "read --run"},
		{"no check", []string{"--run", "^nothing$", filepath.Join(dir, "silent")}, exitUsage, "no check matches"},
		{"a program that is no plugin", []string{filepath.Join(dir, "silent")}, exitFailed, "it ended before it shook hands: exit status 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out, err bytes.Buffer
			code := Run(t.Context(), append([]string{"test-plugin"}, test.args...), nil, &out, &err)
			if code != test.code || !strings.Contains(out.String()+err.String(), test.said) {
				t.Errorf("code %d, want %d with %q:\n%s%s", code, test.code, test.said, out.String(), err.String())
			}
		})
	}
}
