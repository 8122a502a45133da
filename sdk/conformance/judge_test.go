package conformance

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// wants demands an error with these words, or none.
func wants(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got %q, want none", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestJudgeHead(t *testing.T) {
	now := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(d)) }
	tests := []struct {
		name string
		head *pluginv1.GetHeadResponse
		want string
	}{
		{"sound", &pluginv1.GetHeadResponse{Best: 2, Finalized: new(uint64(1)), BlockTime: at(-time.Second)}, ""},
		{"all final", &pluginv1.GetHeadResponse{Best: 2, Finalized: new(uint64(2))}, ""},
		{"none", &pluginv1.GetHeadResponse{}, "block 0"},
		{"more final than there is", &pluginv1.GetHeadResponse{Best: 2, Finalized: new(uint64(3))}, "finalized 3 above best 2"},
		{"no time", &pluginv1.GetHeadResponse{Best: 2, BlockTime: &timestamppb.Timestamp{Nanos: -1}}, "no time"},
		{"seconds for milliseconds", &pluginv1.GetHeadResponse{Best: 2, BlockTime: timestamppb.New(time.Unix(1740830, 0))}, "1970-"},
		{"a little ahead", &pluginv1.GetHeadResponse{Best: 2, BlockTime: at(50 * time.Second)}, ""},
		{"far ahead", &pluginv1.GetHeadResponse{Best: 2, BlockTime: at(2 * time.Minute)}, "lies ahead"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wants(t, judgeHead(test.head, now), test.want) })
	}
}

func TestJudgeLogLine(t *testing.T) {
	for line, want := range map[string]string{
		"plain text":                                 "",
		`{"@level":"info","@message":"m","n":1}`:     "",
		`{"@level":"loud","@message":"m"}`:           "no level",
		`{"@message":"m"}`:                           "no level",
		`{"@level":"info","@message":5}`:             "no text",
		`{"@level":"info"}`:                          "no text",
		`{"level":"INFO","msg":"m"}`:                 "no text",
		`{"@level":"info","@message":"m"`:            "is none",
		"not \xff":                                   "not UTF-8",
		strings.Repeat("x", 64<<10+1):                "longer than 64 KiB",
		`{"@level":"error","@message":"m","a":"\n"}`: "",
	} {
		if got := judgeLogLine(line); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("line %.40q: got %q, want %q", line, got, want)
		}
	}
}

func TestJudgeEvent(t *testing.T) {
	fact := func(f *pluginv1.Fact) *pluginv1.Event { return &pluginv1.Event{Kind: &pluginv1.Event_Fact{Fact: f}} }
	tests := []struct {
		name  string
		event *pluginv1.Event
		want  string
	}{
		{"nothing", &pluginv1.Event{}, "says nothing"},
		{"a step", &pluginv1.Event{Kind: &pluginv1.Event_BlockProduced{BlockProduced: &pluginv1.BlockProduced{Step: 1}}}, ""},
		{"no step", &pluginv1.Event{Kind: &pluginv1.Event_BlockProduced{BlockProduced: &pluginv1.BlockProduced{}}}, "no step"},
		{"a cause", &pluginv1.Event{Kind: &pluginv1.Event_FatalCause{FatalCause: &pluginv1.FatalCause{Kind: "a", Message: "b"}}}, ""},
		{"a cause without words", &pluginv1.Event{Kind: &pluginv1.Event_FatalCause{FatalCause: &pluginv1.FatalCause{Kind: "a"}}}, "message"},
		{"a fact", fact(&pluginv1.Fact{Name: "a", Value: &pluginv1.Fact_Number{Number: 1}}), ""},
		{"a fact without a value", fact(&pluginv1.Fact{Name: "a"}), "no value"},
		{"an infinite fact", fact(&pluginv1.Fact{Name: "a", Value: &pluginv1.Fact_Number{Number: math.Inf(1)}}), "not finite"},
		{"an unknown without a reason", &pluginv1.Event{Kind: &pluginv1.Event_FactUnknown{FactUnknown: &pluginv1.FactUnknown{Name: "a"}}}, "no reason"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := judgeEvent(test.event); test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestJudgeSchema(t *testing.T) {
	inner := func(a sdk.Attribute) sdk.Schema {
		return sdk.Schema{Blocks: []sdk.Block{{Name: "inner", Schema: sdk.Schema{Attributes: []sdk.Attribute{a}}}}}
	}
	tests := []struct {
		name   string
		schema sdk.Schema
		want   string
	}{
		{"empty", sdk.Schema{}, ""},
		{"sound", inner(sdk.Attribute{Name: "a", Type: sdk.TypeDuration, Default: "1.5"}), ""},
		{"required with a default", inner(sdk.Attribute{Name: "a", Type: sdk.TypeBool, Required: true, Default: "true"}), "config.inner.a is required and has a default"},
		{"a default of another type", inner(sdk.Attribute{Name: "a", Type: sdk.TypeInteger, Default: "1.5"}), "not of type integer"},
		{"a default that is not allowed", inner(sdk.Attribute{Name: "a", Type: sdk.TypeString, Default: `"c"`, Allowed: []string{"a", "b"}}), "not of type string"},
		{"a negative duration", inner(sdk.Attribute{Name: "a", Type: sdk.TypeDuration, Default: "-1"}), "not of type duration"},
		{"numbers that are allowed", inner(sdk.Attribute{Name: "a", Type: sdk.TypeInteger, Allowed: []string{"1"}}), "lists allowed values"},
		{"a secret", inner(sdk.Attribute{Name: "api_key", Type: sdk.TypeString}), "not sensitive"},
		{"a secret that says so", inner(sdk.Attribute{Name: "api_key", Type: sdk.TypeString, Sensitive: true}), ""},
		{"no secret", inner(sdk.Attribute{Name: "api_key_header", Type: sdk.TypeString}), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wants(t, judgeSchema("config", test.schema), test.want) })
	}
}

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
		got := unfit(schema, filled(schema, text), nil)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestFilledHasTheDefaults(t *testing.T) {
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
		if diff := cmp.Diff(want, string(filled(schema, text).json())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"[]", "{", `{} {}`, "null"} {
		if got := filled(schema, text); got != nil {
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
	got := secretsIn(schema, filled(schema, `{"key":"0123456789","open":"nothing of this","at":[
		{"url":"https://user:a-password@a.example/v2/a-key-in-a-path?apikey=a-key-in-a-query"},{"url":"https://a.example/v2"},{"headers":{"x":"a-key-in-a-header","y":"short"}}]}`))
	want := []secret{{"key", "0123456789"}, {"url", "a-password"}, {"url", "v2/a-key-in-a-path"}, {"url", "apikey=a-key-in-a-query"}, {"headers", "a-key-in-a-header"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(secret{})); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if got := secretsIn(schema, filled(schema, "{}")); got != nil {
		t.Errorf("a default is taken for a secret: %v", got)
	}
}

func TestSplitsCoverEveryPlace(t *testing.T) {
	for _, lines := range []int{0, 1, 2, 7, 200} {
		places := map[int]bool{}
		for _, cuts := range splits(lines) {
			last := 0
			for _, at := range cuts {
				if at < last || at > lines {
					t.Errorf("%d lines are cut at %v", lines, cuts)
				}
				places[at], last = true, at
			}
		}
		for at := 1; at < lines; at++ {
			if !places[at] {
				t.Errorf("%d lines are never cut at %d", lines, at)
			}
		}
	}
}
