package conformance

import (
	"strings"
	"testing"
	"time"

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
		{"a chain", &pluginv1.GetHeadResponse{Best: 2, Chain: "cosmoshub-4"}, ""},
		{"a chain in words", &pluginv1.GetHeadResponse{Best: 2, Chain: "Cosmos Hub 4"}, "no name of one"},
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
