package block

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

func TestUnfit(t *testing.T) {
	block := sdk.Schema{Attributes: []sdk.Attribute{{Name: "url", Type: sdk.TypeString, Required: true}}}
	schema := sdk.Schema{
		Attributes: []sdk.Attribute{{Name: "n", Type: sdk.TypeInteger}, {Name: "list", Type: sdk.TypeStringList}, {Name: "map", Type: sdk.TypeStringMap}},
		Blocks:     []sdk.Block{{Name: "many", Repeated: true, Schema: block}, {Name: "one", Schema: block}},
	}
	for text, want := range map[string]string{
		`{}`: "",
		`{"n":1,"list":["a"],"map":{"a":"b"},"many":[{"url":"x"}],"one":{"url":"x"}}`: "",
		`{"n":18446744073709551615}`:    "",
		`{"n":1.5}`:                     "n is not of type integer",
		`{"list":[1]}`:                  "list is not of type",
		`{"map":{"a":1}}`:               "map is not of type",
		`{"other":1}`:                   "other is not in it",
		`{"many":[{"url":"x"},{}]}`:     "many.url is missing",
		`{"many":{"url":"x"}}`:          "must be an object where",
		`{"one":[{"url":"x"}]}`:         "must be an object where",
		`{"one":{"url":"x","more":""}}`: "one.more is not in it",
	} {
		got := Unfit(schema, Read(schema, text))
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestReadFillsInTheDefaults(t *testing.T) {
	schema := sdk.Schema{
		Attributes: []sdk.Attribute{{Name: "n", Type: sdk.TypeInteger, Default: "3"}, {Name: "s", Type: sdk.TypeString}},
		Blocks: []sdk.Block{
			{Name: "with", Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "a", Type: sdk.TypeBool, Default: "true"}}}},
			{Name: "needs", Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "a", Type: sdk.TypeBool, Required: true}}}},
			{Name: "many", Repeated: true, Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "a", Type: sdk.TypeInteger, Default: "1"}}}},
		},
	}
	for text, want := range map[string]string{
		"":                        `{"n":3,"with":{"a":true}}`,
		`{"n":4,"many":[{},{}]}`:  `{"many":[{"a":1},{"a":1}],"n":4,"with":{"a":true}}`,
		`{"with":{"a":false}}`:    `{"n":3,"with":{"a":false}}`,
		`{"n":12345678901234567}`: `{"n":12345678901234567,"with":{"a":true}}`,
	} {
		if diff := cmp.Diff(want, string(Read(schema, text).JSON())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"[]", "{", `{} {}`, "null"} {
		if got := Read(schema, text); got != nil {
			t.Errorf("%s is taken for %v", text, got)
		}
	}
}

func TestSecretsAreTheSensitiveParts(t *testing.T) {
	schema := sdk.Schema{
		Attributes: []sdk.Attribute{{Name: "key", Type: sdk.TypeString, Sensitive: true, Default: `"a usual one"`}, {Name: "open", Type: sdk.TypeString}},
		Blocks: []sdk.Block{{Name: "at", Repeated: true, Schema: sdk.Schema{Attributes: []sdk.Attribute{
			{Name: "url", Type: sdk.TypeString, Sensitive: true}, {Name: "headers", Type: sdk.TypeStringMap, Sensitive: true}}}}},
	}
	got := Secrets(schema, Read(schema, `{"key":"0123456789","open":"nothing of this","at":[
		{"url":"https://user:a-password@a.example/v2/a-key-in-a-path?apikey=a-key-in-a-query"},{"url":"https://a.example/v2"},{"headers":{"x":"a-key-in-a-header","y":"short"}}]}`))
	want := []Secret{{"key", "0123456789"}, {"url", "a-password"}, {"url", "v2/a-key-in-a-path"}, {"url", "apikey=a-key-in-a-query"}, {"headers", "a-key-in-a-header"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if got := Secrets(schema, Read(schema, "{}")); got != nil {
		t.Errorf("a default is taken for a secret: %v", got)
	}
}

// Each mistake must be one: what it makes of a block does not fit the schema.
func TestMistakesDoNotFit(t *testing.T) {
	schema := sdk.Schema{
		Attributes: []sdk.Attribute{{Name: "url", Type: sdk.TypeString, Required: true}, {Name: "mode", Type: sdk.TypeStringList, Allowed: []string{"a", "b"}}},
		Blocks: []sdk.Block{
			{Name: "many", Repeated: true, Required: true, Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "n", Type: sdk.TypeInteger, Required: true}}}},
			{Name: "one", Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "on", Type: sdk.TypeBool}}}},
			{Name: "none", Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "on", Type: sdk.TypeBool}}}},
		},
	}
	o := Read(schema, `{"url":"x","mode":["a"],"many":[{"n":1},{"n":2}],"one":{"on":true}}`)
	if found := Unfit(schema, o); found != "" {
		t.Fatal(found)
	}
	var paths []string
	for _, m := range slices.Concat(Unknown(schema, o), WrongTypes(schema, o), Missing(schema, o)) {
		if Unfit(schema, m.Block) == "" {
			t.Errorf("%s fits: %s", m.What, m.Block.JSON())
		}
		paths = append(paths, strings.Join(m.Path, "."))
	}
	want := []string{UnknownName, "many.0." + UnknownName, "one." + UnknownName,
		"url", "mode", "mode", "many", "one", "none", "many.0.n", "one.on", "url", "many", "many.0.n"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("places of the mistakes (-want +got):\n%s", diff)
	}
}
