package sdk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// starting is a head source with a config and a start.
type starting struct {
	config startConfig
	starts []startConfig
	err    error
	panics bool
}

type startConfig struct {
	URL    string `hw:"url,required"`
	Answer uint64 `hw:"answer" default:"42"`
}

func (c *startConfig) Validate() error {
	if strings.HasPrefix(c.URL, "ftp:") {
		return sdk.AttributeError(errors.New("must not be ftp"), "use https", "url")
	}
	return nil
}

func (s *starting) Config() any { return &s.config }

func (s *starting) Start(context.Context) error {
	s.starts = append(s.starts, s.config)
	if s.panics {
		panic("at the start")
	}
	return s.err
}

func (s *starting) GetHead(context.Context) (sdk.Head, error) {
	return sdk.Head{Best: s.config.Answer}, nil
}

func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	var got *sdk.Error
	if !errors.As(err, &got) || got.Code() != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestConfigureStartsOnce(t *testing.T) {
	source := &starting{}
	client, _ := headClient(t, source)
	_, err := client.GetHead(t.Context())
	wantCode(t, err, codes.FailedPrecondition)
	for range 2 {
		if found, err := client.Configure(t.Context(), []byte(`{"url":"https://x"}`)); err != nil || found != nil {
			t.Fatal(found, err)
		}
	}
	if diff := cmp.Diff([]startConfig{{URL: "https://x", Answer: 42}}, source.starts); diff != "" {
		t.Errorf("starts (-want +got):\n%s", diff)
	}
	if head, err := client.GetHead(t.Context()); err != nil || head.Best != 42 {
		t.Errorf("got %v, %v", head, err)
	}
	_, err = client.Configure(t.Context(), []byte(`{"url":"https://y"}`))
	wantCode(t, err, codes.FailedPrecondition)
}

func TestConfigureRefusesWhatIsWrong(t *testing.T) {
	tests := []struct {
		name, config string
		want         []sdk.Diagnostic
	}{
		{"nothing", "", []sdk.Diagnostic{{Summary: `"url" is required`, Path: []string{"url"}}}},
		{"wrong type", `{"url":1}`, []sdk.Diagnostic{{Summary: "must be of type string", Path: []string{"url"}}}},
		{"judged wrong", `{"url":"ftp://x"}`, []sdk.Diagnostic{{Summary: "must not be ftp", Hint: "use https", Path: []string{"url"}}}},
		{"name that is not UTF-8", "{\"url\":\"x\",\"\xff\":1}", []sdk.Diagnostic{{Summary: "\"�\" is unknown here", Path: []string{"�"}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source := &starting{}
			client, _ := headClient(t, source)
			got, err := client.Configure(t.Context(), []byte(test.config))
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("err %v, diagnostics (-want +got):\n%s", err, diff)
			}
			_, err = client.GetHead(t.Context())
			wantCode(t, err, codes.FailedPrecondition)
			if got, err := client.Configure(t.Context(), []byte(`{"url":"x"}`)); got != nil || err != nil || len(source.starts) != 1 {
				t.Errorf("mended: %v, %v, %d starts", got, err, len(source.starts))
			}
		})
	}
}

func TestAStartThatFailsIsForGood(t *testing.T) {
	source := &starting{err: sdk.AttributeError(errors.New("no such host"), "", "url")}
	client, _ := headClient(t, source)
	for range 2 {
		got, err := client.Configure(t.Context(), []byte(`{"url":"x"}`))
		if diff := cmp.Diff([]sdk.Diagnostic{{Summary: "no such host", Path: []string{"url"}}}, got); diff != "" || err != nil {
			t.Errorf("err %v, diagnostics (-want +got):\n%s", err, diff)
		}
	}
	_, err := client.GetHead(t.Context())
	wantCode(t, err, codes.FailedPrecondition)
	if !strings.Contains(err.Error(), "no such host") || len(source.starts) != 1 {
		t.Errorf("got %v after %d starts", err, len(source.starts))
	}
}

func TestAStartThatPanicsIsForGood(t *testing.T) {
	source := &starting{panics: true}
	client, _ := headClient(t, source)
	_, err := client.Configure(t.Context(), []byte(`{"url":"x"}`))
	wantCode(t, err, codes.Internal)
	if got, err := client.Configure(t.Context(), []byte(`{"url":"x"}`)); err != nil || len(got) != 1 || len(source.starts) != 1 {
		t.Errorf("the second time: %v, %v, %d starts", got, err, len(source.starts))
	}
}

func TestAPluginThatNeedsNoConfigIsReadyAtOnce(t *testing.T) {
	client, _ := headClient(t, &fakeHead{head: sdk.Head{Best: 3}})
	if head, err := client.GetHead(t.Context()); err != nil || head.Best != 3 {
		t.Errorf("got %v, %v", head, err)
	}
	if found, err := client.Configure(t.Context(), nil); err != nil || found != nil {
		t.Errorf("configured: %v, %v", found, err)
	}
	got, err := client.ValidateConfig(t.Context(), []byte(`{"url":1}`), []byte(`{"a":1}`))
	want := []sdk.Diagnostic{
		{Summary: "this plugin takes nothing in this block", Path: []string{"url"}},
		{Summary: "this plugin takes nothing in this block", Path: []string{"a"}, InTarget: true},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("err %v, diagnostics (-want +got):\n%s", err, diff)
	}
}

func TestValidateTakesNothingIntoUse(t *testing.T) {
	source := &starting{}
	client, _ := headClient(t, source)
	if found, err := client.ValidateConfig(t.Context(), []byte(`{"url":"x"}`), nil); err != nil || found != nil {
		t.Errorf("got %v, %v", found, err)
	}
	got, err := client.ValidateConfig(t.Context(), []byte(`{"url":"ftp:x"}`), nil)
	if diff := cmp.Diff([]sdk.Diagnostic{{Summary: "must not be ftp", Hint: "use https", Path: []string{"url"}}}, got); diff != "" || err != nil {
		t.Errorf("err %v, diagnostics (-want +got):\n%s", err, diff)
	}
	if source.config != (startConfig{}) || source.starts != nil {
		t.Errorf("it was taken into use: %+v", source)
	}
}

func TestNoCallComesBeforeConfigure(t *testing.T) {
	parser := connect(t, sdk.LogParserServer(sdk.Info{}, needyParser{}, &logBuffer{}))
	_, _, err := parser.Parse(t.Context(), nil, []sdk.Line{{}})
	wantCode(t, err, codes.FailedPrecondition)
	action := connect(t, sdk.ActionServer(sdk.Info{}, needyAction{}, &logBuffer{}))
	_, err = action.Inspect(t.Context(), nil)
	wantCode(t, err, codes.FailedPrecondition)
	_, err = action.Execute(t.Context(), nil, sdk.Request{ID: "a"})
	wantCode(t, err, codes.FailedPrecondition)
	wantCode(t, action.ReadLog(t.Context(), nil, sdk.ReadFrom{}, nil), codes.FailedPrecondition)
}

// needs is a config that cannot be left out.
type needs struct{}

func (needs) Config() any {
	return &struct {
		Key string `hw:"key,required"`
	}{}
}

type needyParser struct{ needs }

func (needyParser) ParseLine(*struct{}, sdk.Line, func(sdk.Event)) { panic("not configured") }

type needyAction struct{ needs }

func (needyAction) Inspect(context.Context, struct{}) (sdk.State, error) { panic("not configured") }

func (needyAction) Execute(context.Context, struct{}, sdk.Request) (sdk.Result, error) {
	panic("not configured")
}

func (needyAction) ReadLog(context.Context, struct{}, sdk.ReadFrom, sdk.LogWriter) error {
	panic("not configured")
}

func TestInfoAndSchemaNeedNoConfig(t *testing.T) {
	info := sdk.Info{Name: "n\xff", Version: "1.0.0", Description: "two\nlines", Kinds: []sdk.Kind{"filled in by the SDK"},
		Examples: []sdk.Example{{Name: "one", Config: `{"key":"x"}`, Target: "{}", Lines: []string{"a\xff", ""}, Missing: true, Disposable: true}}}
	client := connect(t, sdk.ActionServer(info, needyAction{}, &logBuffer{}))
	got, err := client.Info(t.Context())
	want := sdk.Info{Name: "n�", Version: "1.0.0", Description: "two lines", Kinds: []sdk.Kind{sdk.KindAction, sdk.KindLogSource}, Examples: info.Examples}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("err %v, info (-want +got):\n%s", err, diff)
	}
	config, target, err := client.Schema(t.Context())
	if diff := cmp.Diff(sdk.Schema{Attributes: []sdk.Attribute{{Name: "key", Type: sdk.TypeString, Required: true}}}, config); diff != "" || err != nil {
		t.Errorf("err %v, schema of config (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(sdk.Schema{}, target); diff != "" {
		t.Errorf("schema of target (-want +got):\n%s", diff)
	}
}

// wide has a config with every type that there is.
type wide struct {
	fakeHead
	config struct {
		Text    string            `hw:"text" default:"t" doc:"a\nb" deprecated:"use other" oneof:"t u"`
		Number  float64           `hw:"number" default:"1"`
		Integer int               `hw:"integer" default:"1"`
		Truth   bool              `hw:"truth" default:"true"`
		Time    time.Duration     `hw:"time" default:"1s"`
		List    []string          `hw:"list" default:"[]"`
		Map     map[string]string `hw:"map" default:"{}"`
		Block   []struct {
			Secret string `hw:"secret,required,sensitive"`
		} `hw:"block,required" doc:"more"`
	}
}

func (w *wide) Config() any { return &w.config }

func TestSchemaArrivesAsItWasDescribed(t *testing.T) {
	client, _ := headClient(t, &wide{})
	got, _, err := client.Schema(t.Context())
	want := sdk.Schema{
		Attributes: []sdk.Attribute{
			{Name: "text", Type: sdk.TypeString, Default: `"t"`, Description: "a b", Deprecated: "use other", Allowed: []string{"t", "u"}},
			{Name: "number", Type: sdk.TypeNumber, Default: "1"},
			{Name: "integer", Type: sdk.TypeInteger, Default: "1"},
			{Name: "truth", Type: sdk.TypeBool, Default: "true"},
			{Name: "time", Type: sdk.TypeDuration, Default: "1"},
			{Name: "list", Type: sdk.TypeStringList, Default: "[]"},
			{Name: "map", Type: sdk.TypeStringMap, Default: "{}"},
		},
		Blocks: []sdk.Block{{Name: "block", Required: true, Repeated: true, Description: "more", Schema: sdk.Schema{
			Attributes: []sdk.Attribute{{Name: "secret", Type: sdk.TypeString, Required: true, Sensitive: true}}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("err %v, schema (-want +got):\n%s", err, diff)
	}
}

// timed is an action whose acts take as long as its config says.
type timed struct {
	fakeAction
	config timedConfig
}

type timedConfig struct {
	Stop time.Duration `hw:"stop" default:"10s"`
}

func (c *timedConfig) ActTakes() time.Duration { return c.Stop + time.Minute }

func (a *timed) Config() any { return &a.config }

func TestValidateTellsHowLongAnActTakes(t *testing.T) {
	client, _ := actionClient[container](t, &timed{})
	for config, want := range map[string]time.Duration{`{}`: 70 * time.Second, `{"stop":120}`: 3 * time.Minute, `{"stop":"x"}`: 0, ``: 0} {
		got, err := client.ActTakes(t.Context(), []byte(config))
		if err != nil || got != want {
			t.Errorf("config %s: got %v (%v), want %v", config, got, err, want)
		}
	}
}
