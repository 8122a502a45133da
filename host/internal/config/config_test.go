package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

// sameConfig compares what a file says: conditions and messages by what they
// give, the bodies kept for a plugin not at all.
func sameConfig() cmp.Options {
	return cmp.Options{
		cmpopts.IgnoreUnexported(Config{}, PluginBlock{}, Monitor{}), cmpopts.IgnoreFields(Monitor{}, "Source"),
		cmpopts.IgnoreTypes(Position{}),
		cmp.Transformer("condition", func(c ruleset.Condition) string {
			if c == nil {
				return ""
			}
			if wanted, ok := c.(wantedCondition); ok {
				return string(wanted)
			}
			return fmt.Sprint(c)
		}),
		cmp.Transformer("quantity", func(q ruleset.Quantity) string {
			if q == nil {
				return ""
			}
			if wanted, ok := q.(wantedQuantity); ok {
				return string(wanted)
			}
			return fmt.Sprint(q)
		}),
		cmp.Transformer("message", func(m ruleset.Message) string { return m.Text(nil) }),
	}
}

// wantedCondition is the text of a condition that a test wants.
type wantedCondition string

func (wantedCondition) Needs() []string               { return nil }
func (wantedCondition) Holds(fact.List) (bool, error) { return false, nil }

// wantedQuantity is the text of a threshold that a test wants.
type wantedQuantity string

func (wantedQuantity) Needs() []string                 { return nil }
func (wantedQuantity) Count(fact.List) (uint64, error) { return 0, nil }

func mustLoad(t *testing.T, path string, env Environment) *Config {
	t.Helper()
	config, found := Load(path, env)
	if len(found) > 0 {
		t.Fatalf("load %s: %v", path, found)
	}
	return config
}

func mustParse(t *testing.T, src string, env Environment) *Config {
	t.Helper()
	config, found := Parse("test.hcl", []byte(src), env)
	if found.HasErrors() {
		t.Fatalf("parse: %v", found.Err())
	}
	return config
}

const (
	dropIn = "../../../examples/monitor.hcl"
	fleet  = "testdata/fleet/fleet.hcl"
)

// dropInConfig is what the drop-in means with CONTAINER_NAME alone.
func dropInConfig() *Config {
	head := &PluginBlock{Kind: sdk.KindHeadSource, Name: "onfinality", Plugin: "rpc-onfinality", Timeout: 10 * time.Second, MTLS: true}
	parser := &PluginBlock{Kind: sdk.KindLogParser, Name: "aleph", Plugin: "alephlog-parser", Timeout: 10 * time.Second, MTLS: true}
	action := &PluginBlock{
		Kind: sdk.KindAction, Name: "restart", Plugin: "docker-restart", Timeout: 150 * time.Second, MTLS: true,
		Env: []string{"DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"},
	}
	monitor := &Monitor{
		Name: "aleph", Interval: time.Minute,
		Heads: []*PluginBlock{head}, Parser: parser, Action: action,
		Logs:     Logs{From: action, Tail: 5000},
		Settings: defaultSettings("azero"),
	}
	return &Config{
		Host:     Host{HTTPListen: "127.0.0.1:9464"},
		Plugins:  []*PluginBlock{head, parser, action},
		Monitors: []*Monitor{monitor},
	}
}

func defaultSettings(name string) rule.Settings {
	producing := ruleset.Switch{Enabled: true, Unless: wantedCondition("producing")}
	return rule.Settings{
		Name: name, Interval: time.Minute, MaxAge: 3 * time.Minute,
		Severe:        ruleset.BlockLag{Switch: ruleset.Switch{Enabled: true}, Threshold: ruleset.Threshold{LagAbove: 100}},
		SyncStall:     ruleset.SyncStall{Switch: producing, Threshold: ruleset.Threshold{LagAbove: 100}, For: 180 * time.Second},
		FallingBehind: ruleset.FallingBehind{Switch: producing, Threshold: ruleset.Threshold{LagAbove: 100}, Window: 300 * time.Second},
		Moderate: ruleset.BlockLag{
			Switch: ruleset.Switch{Enabled: true, Unless: wantedCondition("major_sync || producing")}, Threshold: ruleset.Threshold{LagAbove: 20},
		},
		Cooldown: rule.Cooldown{AfterAction: 300 * time.Second, AfterFailure: time.Minute},
	}
}

func TestDropIn(t *testing.T) {
	tests := []struct {
		name   string
		env    []string
		change func(c *Config, m *Monitor)
	}{
		{"defaults", nil, func(*Config, *Monitor) {}},
		{"empty variables", []string{
			"RPC_URL=", "CHECK_INTERVAL=", "BLOCK_LAG_20=", "BLOCK_LAG_100=", "COOLDOWN=", "STALL_DURATION=", "TREND_WINDOW=",
			"DRY_RUN=", "STOP_TIMEOUT=", "RECORD_DIR=", "HEADWATCH_HTTP=", "HEADWATCH_STATE_DIR=", "HEADWATCH_PLUGIN_DIR=",
		}, func(*Config, *Monitor) {}},
		{"CHECK_INTERVAL", []string{"CHECK_INTERVAL=5"}, func(_ *Config, m *Monitor) {
			m.Interval, m.Settings.Interval, m.Settings.MaxAge = 5*time.Second, 5*time.Second, 30*time.Second
		}},
		{"CHECK_INTERVAL with a unit", []string{"CHECK_INTERVAL=2m"}, func(_ *Config, m *Monitor) {
			m.Interval, m.Settings.Interval, m.Settings.MaxAge = 2*time.Minute, 2*time.Minute, 6*time.Minute
		}},
		{"BLOCK_LAG_20", []string{"BLOCK_LAG_20=7"}, func(_ *Config, m *Monitor) { m.Settings.Moderate.LagAbove = 7 }},
		{"BLOCK_LAG_100", []string{"BLOCK_LAG_100=250"}, func(_ *Config, m *Monitor) {
			m.Settings.Severe.LagAbove, m.Settings.SyncStall.LagAbove, m.Settings.FallingBehind.LagAbove = 250, 250, 250
		}},
		{"COOLDOWN", []string{"COOLDOWN=900"}, func(_ *Config, m *Monitor) { m.Settings.Cooldown.AfterAction = 15 * time.Minute }},
		{"STALL_DURATION", []string{"STALL_DURATION=90s"}, func(_ *Config, m *Monitor) { m.Settings.SyncStall.For = 90 * time.Second }},
		{"TREND_WINDOW", []string{"TREND_WINDOW=600"}, func(_ *Config, m *Monitor) { m.Settings.FallingBehind.Window = 10 * time.Minute }},
		{"STOP_TIMEOUT", []string{"STOP_TIMEOUT=5m"}, func(c *Config, _ *Monitor) { c.Plugins[2].Timeout = 6*time.Minute + 30*time.Second }},
		{"RECORD_DIR", []string{"RECORD_DIR=/trace"}, func(c *Config, _ *Monitor) {
			c.Record = &Record{Dir: "/trace", MaxSize: 500_000_000, MaxAge: 30 * 24 * time.Hour}
		}},
		{"DRY_RUN", []string{"DRY_RUN=True"}, func(c *Config, m *Monitor) { c.Host.DryRun, m.Settings.DryRun = true, true }},
		{"blanks and line ends", []string{"BLOCK_LAG_20=7 ", "CHECK_INTERVAL=5\r", "COOLDOWN=\t900\n", "DRY_RUN= true", "HEADWATCH_HTTP=:0 ", "HEADWATCH_STATE_DIR= /state\r\n", "STALL_DURATION= \t"}, func(c *Config, m *Monitor) {
			m.Settings.Moderate.LagAbove, m.Settings.Cooldown.AfterAction = 7, 15*time.Minute
			m.Interval, m.Settings.Interval, m.Settings.MaxAge = 5*time.Second, 5*time.Second, 30*time.Second
			c.Host = Host{DryRun: true, HTTPListen: ":0", StateDir: "/state"}
			m.Settings.DryRun = true
		}},
		{"DRY_RUN off", []string{"DRY_RUN=0"}, func(*Config, *Monitor) {}},
		{"HEADWATCH_HTTP", []string{"HEADWATCH_HTTP=:0"}, func(c *Config, _ *Monitor) { c.Host.HTTPListen = ":0" }},
		{"HEADWATCH_HTTP off", []string{"HEADWATCH_HTTP=off"}, func(c *Config, _ *Monitor) { c.Host.HTTPListen = "" }},
		{"folders", []string{"HEADWATCH_STATE_DIR=/state", "HEADWATCH_PLUGIN_DIR=/a:/b"}, func(c *Config, _ *Monitor) {
			c.Host.StateDir, c.Host.PluginDirs = "/state", []string{"/a", "/b"}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := dropInConfig()
			test.change(want, want.Monitors[0])
			got := mustLoad(t, dropIn, environment(append(test.env, "CONTAINER_NAME=azero")...))
			if diff := cmp.Diff(want, got, sameConfig()); diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
}

// A line end that came along with a value is none of its own.
func TestBlanksAroundVariables(t *testing.T) {
	config := mustLoad(t, dropIn, environment("CONTAINER_NAME= azero\n", "RPC_URL=ws://node:9944\r"))
	got, _ := config.Plugins[0].DecodeConfig(configSchema())
	target, _ := config.Monitors[0].DecodeTarget(targetSchema())
	if !strings.Contains(string(got), `"url":"ws://node:9944"`) || string(target) != `{"container":"azero"}` {
		t.Errorf("config %s, target %s", got, target)
	}
}

func TestDropInForPlugins(t *testing.T) {
	env := environment("CONTAINER_NAME=azero", "RPC_URL=ws://node:9944")
	config := mustLoad(t, dropIn, env)
	got, found := config.Plugins[0].DecodeConfig(configSchema())
	if len(found) > 0 || !strings.Contains(string(got), `"url":"ws://node:9944"`) {
		t.Errorf("config %s, %v", got, found)
	}
	got, found = mustLoad(t, dropIn, environment("CONTAINER_NAME=azero")).Plugins[0].DecodeConfig(configSchema())
	if len(found) > 0 || !strings.Contains(string(got), `"url":"https://aleph-zero.api.onfinality.io/public"`) {
		t.Errorf("config %s, %v", got, found)
	}
	stop := sdk.Schema{Attributes: []sdk.Attribute{{Name: "stop_timeout", Type: sdk.TypeDuration}}}
	for value, want := range map[string]string{"": `{}`, "300": `{"stop_timeout":300}`, "5m": `{"stop_timeout":300}`} {
		got, found = mustLoad(t, dropIn, environment("CONTAINER_NAME=azero", "STOP_TIMEOUT="+value)).Plugins[2].DecodeConfig(stop)
		if len(found) > 0 || string(got) != want {
			t.Errorf("STOP_TIMEOUT=%s: config %s, %v; want %s", value, got, found, want)
		}
	}
	got, found = config.Monitors[0].DecodeTarget(targetSchema())
	if len(found) > 0 || string(got) != `{"container":"azero"}` {
		t.Errorf("target %s, %v", got, found)
	}
}

func TestDropInWithoutContainerName(t *testing.T) {
	for _, env := range []Environment{nil, environment("CONTAINER_NAME=")} {
		config, found := Load(dropIn, env)
		var b strings.Builder
		if err := found.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if !found.HasErrors() || len(found) != 1 || strings.Count(b.String(), "\n") != 1 ||
			!strings.Contains(b.String(), "environment variable CONTAINER_NAME is not set") {
			t.Errorf("config %v, messages:\n%s", config, b.String())
		}
	}
}

func TestDropInWithBadVariables(t *testing.T) {
	tests := []struct{ variable, want string }{
		{"CHECK_INTERVAL=often", `interval must be a duration, not "often"`},
		{"BLOCK_LAG_20=few", `lag_above must be a whole number, 0 or above, not "few"`},
		{"COOLDOWN=-1", `after_action must be a duration, 0 or above, not "-1"`},
		{"STOP_TIMEOUT=soon", "invalid function argument"},
		{"DRY_RUN=maybe", `environment variable DRY_RUN must be true or false, not "maybe"`},
		{"HEADWATCH_HTTP=9464", `environment variable HEADWATCH_HTTP must be an address to listen on, not "9464"`},
	}
	for _, test := range tests {
		t.Run(test.variable, func(t *testing.T) {
			_, found := Load(dropIn, environment("CONTAINER_NAME=azero", test.variable))
			if !found.HasErrors() || len(found) != 1 || found[0].Summary != test.want || found[0].Line < 1 {
				t.Errorf("got %v, want %s", found, test.want)
			}
		})
	}
}

func TestFleet(t *testing.T) {
	config := mustLoad(t, fleet, nil)
	public, own, restart := config.Plugins[0], config.Plugins[1], config.Plugins[3]
	if got, found := restart.DecodeConfig(sdk.Schema{Attributes: []sdk.Attribute{{Name: "stop_timeout", Type: sdk.TypeDuration}}}); string(got) != `{"stop_timeout":300}` {
		t.Errorf("config %s, %v", got, found)
	}
	noLogs := func(when string, held time.Duration, message string) []ruleset.Custom {
		return []ruleset.Custom{{Name: "no_logs", When: wantedCondition(when), For: held, Message: expr.FixedText(message)}}
	}
	common := func(name, target string, interval time.Duration) *Monitor {
		settings := defaultSettings(target)
		settings.Interval, settings.MaxAge = interval, max(3*interval, 30*time.Second)
		settings.SourceMaxAge = map[string]time.Duration{"own": 45 * time.Second}
		settings.Cooldown = rule.Cooldown{AfterAction: 10 * time.Minute, AfterFailure: 2 * time.Minute}
		settings.Custom = noLogs(`log_age > duration("15m")`, 2*time.Minute, "no log line for unknowns")
		return &Monitor{
			Name: name, Interval: interval, Heads: []*PluginBlock{public, own}, Parser: config.Plugins[2], Action: restart,
			Logs: Logs{From: restart, Tail: 5000}, Settings: settings,
		}
	}
	validator := common("validator", "aleph-validator", 15*time.Second)
	validator.Settings.Severe.LagAbove, validator.Settings.Severe.For = 200, 2*time.Minute
	validator.Settings.Moderate.Enabled = false
	validator.Settings.SyncStall.For = 5 * time.Minute
	archive := common("archive", "aleph-archive", 2*time.Minute)
	archive.Logs.Tail = 20000
	archive.Settings.Severe.LagAbove = 1000
	archive.Settings.Severe.Unless = wantedCondition("major_sync && sync_rate > 1")
	archive.Settings.Cooldown.AfterAction = 30 * time.Minute
	rpc := common("rpc", "aleph-rpc", 30*time.Second)
	rpc.Heads, rpc.Settings.SourceMaxAge = []*PluginBlock{public}, nil
	rpc.Settings.Custom = noLogs(`log_age > duration("5m")`, 0, "no log line for unknowns, lag unknown")
	if diff := cmp.Diff([]*Monitor{validator, archive, rpc}, config.Monitors, sameConfig()); diff != "" {
		t.Errorf("monitors (-want +got):\n%s", diff)
	}
	if got, want := config.Host.StateDir, "/var/lib/headwatch"; got != want {
		t.Errorf("state folder %s, want %s", got, want)
	}
}

// TestExamples loads every example, so that none is left behind.
func TestExamples(t *testing.T) {
	paths, err := filepath.Glob("../../../examples/*.hcl")
	if err != nil || len(paths) < 2 {
		t.Fatalf("examples %v, %v", paths, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, ".test.hcl") {
			continue // a test of rules, which headwatch test runs
		}
		config := mustLoad(t, path, environment("CONTAINER_NAME=azero", "RPC_URL=https://provider.example", "SECOND_RPC_URL=https://second.example"))
		if len(config.Monitors) == 0 {
			t.Errorf("%s has no monitor", path)
		}
	}
}

func TestLoadWithoutFile(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none.hcl"), t.TempDir()} {
		config, found := Load(path, nil)
		if config != nil || len(found) != 1 || !found.HasErrors() || found[0].File != path || strings.Count(found[0].String(), path) != 1 {
			t.Errorf("%s: %v, %v", path, config, found)
		}
	}
}

func TestParseBoundsTheFile(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"large", "#" + strings.Repeat("x", maxFileSize), "file is larger than 262144 bytes"},
		{"signs", "monitor \"a\" {\n interval = " + strings.Repeat("!", maxFileSize-100), "expression is nested more than 100 levels deep"},
		{"digits", "monitor \"a\" {\n interval = \"${1e999999999}\"\n}", "number has an exponent of more than three digits"},
		{"templates", "monitor \"a\" {\n interval = " + strings.Repeat(`"${`, 1000), "expression is nested more than 100 levels deep"},
		{"conditions", "monitor \"a\" {\n interval = " + strings.Repeat("lag?", 1000), "expression is nested more than 100 levels deep"},
		{"long rule", minimal(`rule "x" {` + "\n when = lag > 0" + strings.Repeat(" + 1", 10000) + "\n}"), "when is too long"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, found := Parse("test.hcl", []byte(test.src), nil)
			if len(found) == 0 || found[0].Summary != test.want {
				t.Errorf("got %.300v, want %s", found, test.want)
			}
		})
	}
}

// minimal is a file with one monitor that says what is given.
func minimal(monitor string) string {
	return `
head_source "a" {
  plugin = "x"
}
log_parser "a" {
  plugin = "x"
}
action "a" {
  plugin = "x"
}
monitor "m" {
  heads  = [head_source.a]
  parser = log_parser.a
  action = action.a
` + monitor + "\n}\n"
}

func TestHost(t *testing.T) {
	const all = `host {
  plugin_dir = ["/a", "/b"]
  state_dir  = "/s"
  dry_run    = false
  http {
    listen = "0.0.0.0:80"
  }
}`
	env := environment("DRY_RUN=true", "HEADWATCH_PLUGIN_DIR=/x", "HEADWATCH_STATE_DIR=/y", "HEADWATCH_HTTP=:1")
	tests := []struct {
		name, host string
		env        Environment
		want       Host
	}{
		{"nothing", "", nil, Host{HTTPListen: "127.0.0.1:9464"}},
		{"the file", all, nil, Host{PluginDirs: []string{"/a", "/b"}, StateDir: "/s", HTTPListen: "0.0.0.0:80"}},
		{"the file over the environment but for http and a dry run", all, env, Host{PluginDirs: []string{"/a", "/b"}, StateDir: "/s", DryRun: true, HTTPListen: ":1"}},
		{"the environment", "", env, Host{PluginDirs: []string{"/x"}, StateDir: "/y", DryRun: true, HTTPListen: ":1"}},
		{"one folder", "host {\n plugin_dir = \"/a\"\n}", nil, Host{PluginDirs: []string{"/a"}, HTTPListen: "127.0.0.1:9464"}},
		{"no http", "host {\n http {\n listen = \"off\"\n}\n}", nil, Host{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := mustParse(t, test.host+minimal(""), test.env)
			if diff := cmp.Diff(test.want, config.Host); diff != "" {
				t.Errorf("host (-want +got):\n%s", diff)
			}
			if got := config.Monitors[0].Settings.DryRun; got != test.want.DryRun {
				t.Errorf("monitor's dry run %v, want %v", got, test.want.DryRun)
			}
		})
	}
}

func TestPluginBlock(t *testing.T) {
	sum := strings.Repeat("Ab", 32)
	config := mustParse(t, minimal("logs {\n from = log_source.file\n}")+`
log_source "file" {
  plugin  = "./my-source"
  env     = ["MY_TOKEN"]
  timeout = "3s"
  mtls    = false
  sha256  = "`+sum+`"
}`, nil)
	got := config.Monitors[0].Logs.From
	want := &PluginBlock{
		Kind: sdk.KindLogSource, Name: "file", Plugin: "./my-source", Env: []string{"MY_TOKEN"},
		Timeout: 3 * time.Second, SHA256: strings.ToLower(sum), Position: Position{File: "test.hcl", Line: 20, Column: 1},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(PluginBlock{})); diff != "" {
		t.Errorf("block (-want +got):\n%s", diff)
	}
	if !got.IsPath() || config.Plugins[0].IsPath() {
		t.Errorf("IsPath: %s %v, %s %v", got.Plugin, got.IsPath(), config.Plugins[0].Plugin, config.Plugins[0].IsPath())
	}
	if names := config.Monitors[0].Plugins(); len(names) != 4 {
		t.Errorf("the monitor uses %v", names)
	}
}

// A monitor's source changes with its block and with the defaults, and with
// nothing else.
func TestMonitorSource(t *testing.T) {
	dropIn, err := os.ReadFile("../../../examples/monitor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	source := func(text string) string {
		t.Helper()
		c, found := Parse("monitor.hcl", []byte(text), func(name string) (string, bool) {
			return map[string]string{"CONTAINER_NAME": "azero"}[name], name == "CONTAINER_NAME"
		})
		if found.HasErrors() {
			t.Fatal(found.Err())
		}
		return c.Monitors[0].Source
	}
	one := string(dropIn)
	for name, test := range map[string]struct {
		text    string
		changes bool
	}{
		"the same":         {one, false},
		"further down":     {"# a comment\n\n" + one, false},
		"a host block":     {one + "\nhost {\n}\n", false},
		"another interval": {strings.Replace(one, `"CHECK_INTERVAL", "60"`, `"CHECK_INTERVAL", "61"`, 1), true},
		"defaults":         {one + "\ndefaults {\n  interval = 7\n}\n", true},
	} {
		if got := source(test.text) != source(one); got != test.changes {
			t.Errorf("%s: changed is %v, want %v", name, got, test.changes)
		}
	}
}
