package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

// environment is a fixed environment of variables.
func environment(pairs ...string) Environment {
	return func(name string) (string, bool) {
		for _, pair := range pairs {
			if key, value, _ := strings.Cut(pair, "="); key == name {
				return value, true
			}
		}
		return "", false
	}
}

// testEnvironment is what the files of testdata read.
func testEnvironment() Environment {
	return environment("EMPTY=", "ABC=abc", "AZERO=azero")
}

// TestBad compares what is said about each file of testdata/bad, named after
// the mistake in it, with the text beside it. UPDATE_GOLDEN=1 writes the texts.
func TestBad(t *testing.T) {
	eachFile(t, "testdata/bad", func(t *testing.T, name string, src []byte) string {
		config, found := Parse(name, src, testEnvironment())
		if warning := strings.HasPrefix(name, "warning_"); warning == found.HasErrors() || warning && config == nil {
			t.Errorf("errors %v, config %v", found.HasErrors(), config)
		}
		return text(t, found)
	})
}

// TestBadForPlugin does the same for mistakes that only the schema of a plugin
// shows.
func TestBadForPlugin(t *testing.T) {
	eachFile(t, "testdata/badplugin", func(t *testing.T, name string, src []byte) string {
		config, found := Parse(name, src, testEnvironment())
		if found.HasErrors() {
			return text(t, found)
		}
		_, inConfig := config.Plugins[0].DecodeConfig(configSchema())
		_, inTarget := config.Monitors[0].DecodeTarget(targetSchema())
		return text(t, slices.Concat(inConfig, inTarget))
	})
}

func eachFile(t *testing.T, dir string, said func(t *testing.T, name string, src []byte) string) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.hcl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		t.Run(strings.TrimSuffix(name, ".hcl"), func(t *testing.T) {
			src := read(t, path)
			got := said(t, name, src)
			if strings.Contains(got, "s3cret") {
				t.Errorf("a secret is shown:\n%s", got)
			}
			golden := strings.TrimSuffix(path, ".hcl") + ".txt"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// text renders diagnostics and checks what holds for all of them.
func text(t *testing.T, found Diagnostics) string {
	t.Helper()
	if len(found) == 0 {
		t.Error("nothing was found")
	}
	for _, d := range found {
		if d.Line < 1 || d.Column < 1 || d.File == "" || d.Summary == "" {
			t.Errorf("diagnostic without position or summary: %+v", d)
		}
	}
	var b strings.Builder
	if err := found.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// configSchema has every type that a plugin can publish.
func configSchema() sdk.Schema {
	endpoint := sdk.Schema{Attributes: []sdk.Attribute{
		{Name: "url", Type: sdk.TypeString, Required: true, Description: "where to ask"},
		{Name: "weight", Type: sdk.TypeInteger, Default: "1"},
		{Name: "token", Type: sdk.TypeString, Sensitive: true},
	}}
	retry := sdk.Schema{Attributes: []sdk.Attribute{
		{Name: "max", Type: sdk.TypeInteger, Default: "3"},
		{Name: "pause", Type: sdk.TypeDuration, Default: `"2s"`},
	}}
	auth := sdk.Schema{Attributes: []sdk.Attribute{{Name: "user", Type: sdk.TypeString, Required: true}}}
	return sdk.Schema{
		Attributes: []sdk.Attribute{
			{Name: "url", Type: sdk.TypeString, Required: true, Description: "address to ask"},
			{Name: "urls", Type: sdk.TypeStringList},
			{Name: "headers", Type: sdk.TypeStringMap},
			{Name: "timeout", Type: sdk.TypeDuration, Default: "10"},
			{Name: "retries", Type: sdk.TypeInteger, Default: "3"},
			{Name: "ratio", Type: sdk.TypeNumber},
			{Name: "verify", Type: sdk.TypeBool, Default: "true"},
			{Name: "mode", Type: sdk.TypeString, Default: `"fast"`, Allowed: []string{"fast", "slow"}},
			{Name: "modes", Type: sdk.TypeStringList, Allowed: []string{"fast", "slow"}},
			{Name: "api_key", Type: sdk.TypeString, Sensitive: true},
			{Name: "pin", Type: sdk.TypeInteger, Sensitive: true},
			{Name: "level", Type: sdk.TypeString, Sensitive: true, Allowed: []string{"a", "b"}},
			{Name: "wait", Type: sdk.TypeDuration, Deprecated: "use timeout"},
		},
		Blocks: []sdk.Block{
			{Name: "endpoint", Schema: endpoint, Repeated: true},
			{Name: "retry", Schema: retry},
			{Name: "auth", Schema: auth},
		},
	}
}

func targetSchema() sdk.Schema {
	return sdk.Schema{Attributes: []sdk.Attribute{
		{Name: "container", Type: sdk.TypeString, Required: true, Description: "name or id of the container"},
	}}
}
