package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUsable: beside its mistakes a configuration has the blocks that can still
// be asked about.
func TestUsable(t *testing.T) {
	const whole = `head_source "a" {
  plugin  = "x"
  timeout = "5s"
}
log_parser "a" {
  plugin = "x"
}
action "a" {
  plugin = "x"
}
defaults {
  heads  = [head_source.a]
  parser = log_parser.a
  action = action.a
  target {
    network = "main"
  }
}
monitor "m" {
  interval = "60s"
  target {
    container = "c"
  }
}
`
	tests := []struct {
		name, old, new   string
		blocks, monitors string
	}{
		{"nothing is wrong", "", "", "head_source.a log_parser.a action.a", "m"},
		{"a setting of a plugin block", `"5s"`, `"soon"`, "log_parser.a action.a", "m"},
		{"a word of a plugin block", `log_parser "a" {`, "log_parser \"a\" {\n plugn = \"y\"", "head_source.a action.a", "m"},
		{"the action", `action "a" {`, "action \"a\" {\n timeout = 0", "head_source.a log_parser.a", ""},
		{"a variable that is not set", `action "a" {`, "action \"a\" {\n config {\n x = env(\"NONE\")\n}", "head_source.a log_parser.a", ""},
		{"a setting of the monitor", `"60s"`, `"often"`, "head_source.a log_parser.a action.a", "m"},
		{"a variable in the target", `"c"`, `env("NONE")`, "head_source.a log_parser.a action.a", ""},
		{"a variable in the target of defaults", `"main"`, `env("NONE")`, "head_source.a log_parser.a action.a", ""},
		{"a reference", "= action.a", "= action.b", "head_source.a log_parser.a action.a", ""},
		{"the folders of the plugins", `head_source "a"`, "host {\n plugin_dir = 5 < 6\n}\nhead_source \"a\"", "", ""},
		{"another setting of the host", `head_source "a"`, "host {\n dry_run = \"maybe\"\n}\nhead_source \"a\"", "head_source.a log_parser.a action.a", "m"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config, found := Parse("a.hcl", []byte(strings.Replace(whole, test.old, test.new, 1)), nil)
			if found.HasErrors() != (test.old != "") {
				t.Errorf("found %v", found)
			}
			var blocks, monitors []string
			for _, b := range config.Plugins {
				blocks = append(blocks, b.String())
			}
			for _, m := range config.Monitors {
				monitors = append(monitors, m.Name)
			}
			got := [2]string{strings.Join(blocks, " "), strings.Join(monitors, " ")}
			if diff := cmp.Diff([2]string{test.blocks, test.monitors}, got); diff != "" {
				t.Errorf("blocks and monitors (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNothingIsUsableOfWrongSyntax(t *testing.T) {
	if config, found := Parse("a.hcl", []byte(`monitor "m" {`), nil); config != nil || !found.HasErrors() {
		t.Errorf("config %v, found %v", config, found)
	}
}
