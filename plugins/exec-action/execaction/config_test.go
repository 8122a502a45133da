package execaction

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

func TestValidateConfig(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		want   []string // path: summary
	}{
		{"fine", func(*Config) {}, nil},
		{"everything", func(c *Config) {
			c.LogRead = []string{"journalctl", "--since=@{since_unix}", "--lines={tail}", "{name}", "{namespace}"}
			c.LogFollow = []string{"/usr/bin/journalctl", "--since={since}"}
			c.LogFormat, c.AbsentOn, c.Dir, c.StateDir = formatJournal, []string{"4", "empty"}, "/var", "/var/lib/x"
			c.Env, c.PassEnv = map[string]string{"PATH": "/bin:/usr/bin", "X_1": "y"}, []string{"HOME"}
		}, nil},
		{"scripts", func(c *Config) {
			c.Shell, c.Act, c.Inspect, c.LogFollow = true, []string{`x "$HEADWATCH_TARGET" | jq '{running}'`}, []string{"y"}, []string{"z"}
		}, nil},
		{"no program", func(c *Config) { c.Act, c.Inspect = nil, []string{""} }, []string{"act: names no program", "inspect: names no program"}},
		{"a text in place of a list", func(c *Config) { c.Act = []string{"systemctl restart geth"} }, []string{`act.0: "systemctl restart geth" is neither the name of a program nor an absolute path`}},
		{"a relative program", func(c *Config) { c.Act = []string{"./restart.sh"} }, []string{`act.0: "./restart.sh" is neither the name of a program nor an absolute path`}},
		{"a program of the target", func(c *Config) { c.Act = []string{"/opt/{name}"} }, []string{`act.0: "/opt/{name}" is a program that the target would choose`}},
		{"a mark of the log", func(c *Config) { c.Inspect = []string{"x", "a", "{tail}"} }, []string{"inspect.2: holds {tail}, which only the log commands know"}},
		{"a zero byte", func(c *Config) { c.Act = []string{"x", "a\x00"} }, []string{"act.1: holds a zero byte"}},
		{"a very long command", func(c *Config) { c.Act = []string{"x", strings.Repeat("y", 1<<17)} }, []string{"act: is too long"}},
		{"two scripts", func(c *Config) { c.Shell, c.Act, c.Inspect = true, []string{"x", "y"}, []string{"z"} }, []string{"act: holds 2 texts, and with shell = true a command is one"}},
		{"a value in a script", func(c *Config) { c.Shell, c.Act, c.Inspect = true, []string{"restart {name}"}, []string{"z"} }, []string{"act: holds {name}, and no value is put into a text that a shell reads"}},
		{"log_read alone", func(c *Config) { c.LogRead = []string{"x"} }, []string{"log_read: is given without log_follow"}},
		{"log_read without stamps", func(c *Config) { c.LogRead, c.LogFollow = []string{"x"}, []string{"x"} }, []string{"log_read: needs lines that begin with a stamp, which tell what was read already"}},
		{"codes", func(c *Config) { c.AbsentOn = []string{"0", "256", "none", "1"} }, []string{`absent_on.0: "0" is no exit code`, `absent_on.1: "256" is no exit code`, `absent_on.2: "none" is no exit code`}},
		{"relative folders", func(c *Config) { c.Dir, c.StateDir = "x", "y" }, []string{`dir: "x" is no absolute path`, `state_dir: "y" is no absolute path`}},
		{"variables", func(c *Config) { c.PassEnv = []string{"A=b", "HEADWATCH_TARGET"} }, []string{`pass_env.0: "A=b" is no name of a variable`, "pass_env.1: HEADWATCH_TARGET is the plugin's to set"}},
		{"PATH", func(c *Config) { c.Env = map[string]string{"PATH": "/bin:."} }, []string{"env: holds a PATH with a folder that is not absolute"}},
		{"empty PATH", func(c *Config) { c.Env = map[string]string{"PATH": ""} }, []string{"env: holds a PATH with a folder that is not absolute"}},
		{"zero byte in a variable", func(c *Config) { c.Env = map[string]string{"X": "\x00"} }, []string{"env: holds a zero byte in X"}},
		{"times", func(c *Config) { c.ActTimeout, c.LogTimeout = 0, 2*time.Hour }, []string{"act_timeout: 0s is out of range", "log_timeout: 2h0m0s is out of range"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := Config{Act: []string{"systemctl", "restart", "{name}"}, Inspect: []string{"systemctl", "show", "{name}"}, LogFormat: formatPlain, InspectFormat: formatSystemd,
				ActTimeout: time.Minute, SettleTimeout: time.Minute, InspectTimeout: time.Minute, LogTimeout: time.Minute}
			test.change(&c)
			checkDiagnostics(t, c.Validate(), test.want)
		})
	}
}

func TestValidateTarget(t *testing.T) {
	tests := []struct {
		name   string
		target Target
		want   []string
	}{
		{"fine", Target{Name: "geth@main.service", Values: map[string]string{"namespace": "eth", "k8s_context": "a b;c"}}, nil},
		{"no name", Target{}, []string{"name: holds an empty text"}},
		{"an option", Target{Name: "--host=evil"}, []string{`name: holds "--host=evil", which a command would take for an option`}},
		{"an option as a value", Target{Name: "x", Values: map[string]string{"ns": "-f"}}, []string{`values: holds "-f", which a command would take for an option`}},
		{"two lines", Target{Name: "a\nb"}, []string{"name: holds a text that is too long or has control characters"}},
		{"very long", Target{Name: strings.Repeat("x", 2000)}, []string{"name: holds a text that is too long or has control characters"}},
		{"keys", Target{Name: "x", Values: map[string]string{"Ns": "a", "name": "b", "tail": "c", "reason": "d"}}, []string{
			`values: has the key "Ns"`, `values: has the key "name", which has a meaning of its own`,
			`values: has the key "reason", which has a meaning of its own`, `values: has the key "tail", which has a meaning of its own`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { checkDiagnostics(t, test.target.Validate(), test.want) })
	}
}

func checkDiagnostics(t *testing.T, err error, want []string) {
	t.Helper()
	var got []string
	for _, d := range sdk.Diagnostics(err) {
		got = append(got, strings.Join(d.Path, ".")+": "+d.Summary)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
