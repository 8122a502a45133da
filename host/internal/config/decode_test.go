package config

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

// withConfig is a file whose first head source has this config, followed by
// whatever else the monitor says.
func withConfig(config, monitor string) string {
	return strings.Replace(minimal(monitor), `plugin = "x"`, "plugin = \"x\"\n  config {\n"+config+"\n  }", 1)
}

func TestDecodeConfig(t *testing.T) {
	const defaults = `"endpoint":[],"mode":"fast","retries":3,"retry":{"max":3,"pause":2},"timeout":10,"verify":true`
	tests := []struct{ name, config, want string }{
		{"defaults", `url = "a"`, `{` + defaults + `,"url":"a"}`},
		{"null takes the default", "url = \"a\"\nretries = null\napi_key = null", `{` + defaults + `,"url":"a"}`},
		{"texts as they are", `url = "<a&b> ${1 + 1} é"`, `{` + defaults + `,"url":"<a&b> 2 é"}`},
		{"converted", `
			url     = 5
			urls    = ["a", 1, true]
			headers = { "X-Key" = "v", n = 5 }
			timeout = "1m30s"
			retries = "7"
			ratio   = "0.25"
			verify  = "false"
			mode    = "slow"
			modes   = ["slow", "fast"]
			wait    = env("NONE", "1500ms")
			pin     = 9007199254740993`,
			`{"endpoint":[],"headers":{"X-Key":"v","n":"5"},"mode":"slow","modes":["slow","fast"],"pin":9007199254740993,"ratio":0.25,` +
				`"retries":7,"retry":{"max":3,"pause":2},"timeout":90,"url":"5","urls":["a","1","true"],"verify":false,"wait":1.5}`},
		{"blocks", `
			url = "a"
			endpoint {
				url = "b"
			}
			endpoint {
				url    = env("ENDPOINT")
				weight = 2
			}
			retry {
				max = 9
			}
			auth {
				user = "me"
			}`,
			`{"auth":{"user":"me"},"endpoint":[{"url":"b","weight":1},{"url":"c","weight":2}],"mode":"fast",` +
				`"retries":3,"retry":{"max":9,"pause":2},"timeout":10,"url":"a","verify":true}`},
		{"empty lists", "url = \"a\"\nurls = []\nheaders = {}", `{` + strings.Replace(defaults, `"mode"`, `"headers":{},"mode"`, 1) + `,"url":"a","urls":[]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := mustParse(t, withConfig(test.config, ""), environment("ENDPOINT=c"))
			got, found := config.Plugins[0].DecodeConfig(configSchema())
			if found.HasErrors() {
				t.Fatal(found.Err())
			}
			if diff := cmp.Diff(canonical(t, test.want), canonical(t, string(got))); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
			if strings.Contains(string(got), `\u003c`) || strings.Contains(string(got), "e+") {
				t.Errorf("escaped or rounded: %s", got)
			}
		})
	}
}

// canonical reads JSON without rounding its numbers.
func canonical(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}

func TestDecodeBySchemaOfAnotherHost(t *testing.T) {
	tests := []struct {
		name string
		attr sdk.Attribute
		want string
	}{
		{"unknown type", sdk.Attribute{Name: "url", Type: "tensor"}, `url must be of type "tensor", which this host does not know, not "a"`},
		{"default of another type", sdk.Attribute{Name: "x", Type: sdk.TypeInteger, Default: `"many"`}, `plugin publishes a default for "x" that is not of its type`},
		{"default that is no JSON", sdk.Attribute{Name: "x", Type: sdk.TypeString, Default: `{`}, `plugin publishes a default for "x" that is not of its type`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			schema := sdk.Schema{Attributes: []sdk.Attribute{{Name: "url", Type: sdk.TypeString}}}
			if test.attr.Name == "url" {
				schema.Attributes = nil
			}
			schema.Attributes = append(schema.Attributes, test.attr)
			got, found := mustParse(t, withConfig(`url = "a"`, ""), nil).Plugins[0].DecodeConfig(schema)
			if got != nil || len(found) != 1 || found[0].Summary != test.want {
				t.Errorf("got %s, %v; want %s", got, found, test.want)
			}
		})
	}
}

// TestDecodeTargetForTwo decodes a target that the action and another log
// source share.
func TestDecodeTargetForTwo(t *testing.T) {
	m := mustParse(t, minimal("target {\n container = \"c\"\n path = \"/log\"\n}"), nil).Monitors[0]
	action := sdk.Schema{Attributes: []sdk.Attribute{{Name: "container", Type: sdk.TypeString}}}
	log := sdk.Schema{Attributes: []sdk.Attribute{{Name: "path", Type: sdk.TypeString}}}
	if got, found := m.DecodeTarget(action, log); string(got) != `{"container":"c"}` || len(found) > 0 {
		t.Errorf("for the action %s, %v", got, found)
	}
	if got, found := m.DecodeTarget(log, action); string(got) != `{"path":"/log"}` || len(found) > 0 {
		t.Errorf("for the log %s, %v", got, found)
	}
	if _, found := m.DecodeTarget(action); !found.HasErrors() {
		t.Error("path was taken without a schema that knows it")
	}
}

func TestExplain(t *testing.T) {
	config := mustParse(t, withConfig(`url     = "a"
urls    = ["a", "b"]
headers = { one = "x", two = "y" }
api_key = "s3cret"
endpoint {
  url = "b"
}
endpoint {
  url   = "c"
  token = "s3cret"
}
retry {
  max = 5
}`, "target {\n container = \"c\"\n}"), nil)
	tests := []struct {
		path   []string
		line   int
		column int
		source string
	}{
		{nil, 4, 3, "config {"},
		{[]string{"url"}, 5, 11, `url     = "a"`},
		{[]string{"urls", "1"}, 6, 17, `urls    = ["a", "b"]`},
		{[]string{"urls", "9"}, 6, 11, `urls    = ["a", "b"]`},
		{[]string{"headers", "two"}, 7, 30, `headers = { one = "x", two = "y" }`},
		{[]string{"api_key"}, 8, 11, "api_key = …"},
		{[]string{"endpoint", "1", "url"}, 13, 11, `url   = "c"`},
		{[]string{"endpoint", "1", "token"}, 14, 11, "token = …"},
		{[]string{"endpoint", "1", "weight"}, 12, 1, "endpoint {"},
		{[]string{"endpoint", "0"}, 9, 1, "endpoint {"},
		{[]string{"retry", "max"}, 17, 9, "max = 5"},
		{[]string{"auth", "user"}, 4, 3, "config {"},
		{[]string{"nobody", "knows"}, 4, 3, ""},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.path, "."), func(t *testing.T) {
			said := []sdk.Diagnostic{{Summary: "wrong", Hint: "mend it", Path: test.path}, {Summary: "elsewhere", InTarget: true}}
			got := config.Plugins[0].ExplainConfig(configSchema(), said)
			summary := strings.Join(append([]string{strings.Join(test.path, ".")}, "wrong"), ": ")
			want := Diagnostics{{
				Severity: SeverityError, Position: Position{File: "test.hcl", Line: test.line, Column: test.column},
				Summary: strings.TrimPrefix(summary, ": "), Hint: "mend it", Source: test.source,
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

// A plugin that refuses a value does not see that a heredoc ends it with a line
// end: the host does.
func TestExplainBlanks(t *testing.T) {
	config := mustParse(t, withConfig("url = <<EOT\nhttp://a\nEOT\nmode = \"fast\"", ""), nil)
	said := []sdk.Diagnostic{{Summary: "is no URL", Path: []string{"url"}}, {Summary: "is slow", Hint: "try slow", Path: []string{"mode"}}}
	var hints []string
	for _, d := range config.Plugins[0].ExplainConfig(configSchema(), said) {
		hints = append(hints, d.Hint)
	}
	want := []string{"It has a blank or a line end at an end; trimspace() takes it off.", "try slow"}
	if diff := cmp.Diff(want, hints); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
}

// Nor that the quotation marks of an env file are part of a variable.
func TestExplainQuotes(t *testing.T) {
	config := mustParse(t, withConfig("url = env(\"URL\")", ""), environment(`URL="http://a"`))
	said := []sdk.Diagnostic{{Summary: "is no URL", Hint: "such as http://host", Path: []string{"url"}}}
	got := config.Plugins[0].ExplainConfig(configSchema(), said)
	want := "The quotation marks are part of the value; an env file takes values without them."
	if len(got) != 1 || got[0].Hint != want {
		t.Errorf("got %v, want the hint %q", got, want)
	}
}

// TestDecodeAtOnce decodes blocks of one file at the same time, as plugins are
// started; the race detector judges.
func TestDecodeAtOnce(t *testing.T) {
	config := mustParse(t, withConfig("timeout = \"soon\"", "target {\n contaner = \"c\"\n}"), nil)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			_, inConfig := config.Plugins[0].DecodeConfig(configSchema())
			_, inTarget := config.Monitors[0].DecodeTarget(targetSchema())
			if len(inConfig) != 2 || len(inTarget) != 1 {
				t.Errorf("found %v and %v", inConfig, inTarget)
			}
		})
	}
	workers.Wait()
}

func TestExplainTarget(t *testing.T) {
	m := mustParse(t, minimal("target {\n container = \"c\"\n}"), nil).Monitors[0]
	said := sdk.Diagnostics(sdk.AttributeError(errors.New("is no name"), "", "container"))
	said[0].InTarget, said[0].Warning = true, true
	got := m.ExplainTarget(targetSchema(), said)
	if len(got) != 1 || got[0].String() != "test.hcl:16,14: warning: container: is no name" {
		t.Errorf("got %v", got)
	}
}

func TestDiagnosticsAsJSON(t *testing.T) {
	_, found := Parse("x.hcl", []byte("monitr {\n}\n"), nil)
	encoded, err := json.Marshal(found)
	const want = `[{"severity":"error","file":"x.hcl","line":1,"column":1,` +
		`"summary":"there is no monitor, so nothing would be watched","hint":"Write monitor \"name\" { ... }."},` +
		`{"severity":"error","file":"x.hcl","line":1,"column":1,"summary":"unknown block \"monitr\" in the file",` +
		`"hint":"Did you mean \"monitor\"?","source":"monitr {"}]`
	if string(encoded) != want || err != nil {
		t.Errorf("got  %s, %v\nwant %s", encoded, err, want)
	}
	if got := found.Err().Error(); strings.Count(got, "\n") != 1 || (Diagnostics{}).Err() != nil {
		t.Errorf("error %q", got)
	}
}
