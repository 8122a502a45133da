package sdk

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestDecodeFillsEveryField(t *testing.T) {
	data := `{"text":"t","truth":false,"int":-1,"int64":-9223372036854775808,"uint64":18446744073709551615,"float64":1e3,
		"duration":0.25,"list":["x"],"map":{"a":"b"},"word":"off","secret":"s",
		"nested":{"name":"n","inner":{"count":5}},"repeated":[{"name":"one"},{"name":"two","inner":{"count":9}}]}`
	want := &everything{Text: "t", Int: -1, Int64: math.MinInt64, Uint64: math.MaxUint64, Float64: 1000,
		Duration: 250 * time.Millisecond, Fraction: 1500 * time.Millisecond, List: []string{"x"}, Map: map[string]string{"a": "b"},
		Word: "off", Secret: "s", Nested: named("n", 5), Repeated: []nested{named("one", 2), named("two", 9)}}
	got, found := decodeNew(&everything{}, []byte(data))
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(everything{})); diff != "" || found != nil {
		t.Errorf("found %v, struct (-want +got):\n%s", found, diff)
	}
}

func TestDecodeFillsInDefaults(t *testing.T) {
	want := &everything{Text: "t", Truth: true, Int: -3, Uint64: 7, Float64: 0.5, Duration: 90 * time.Second, Fraction: 1500 * time.Millisecond,
		List: []string{"a", "b"}, Map: map[string]string{"k": "v"}, Word: "on", Repeated: []nested{named("n", 2)}}
	for name, data := range map[string]string{
		"left out": `{"text":"t","repeated":[{"name":"n"}]}`,
		"null": `{"text":"t","truth":null,"int":null,"int64":null,"uint64":null,"float64":null,"duration":null,"seconds":null,
			"list":null,"map":null,"word":null,"secret":null,"nested":null,"repeated":[{"name":"n"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, found := decodeNew(&everything{Own: "not copied"}, []byte(data))
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(everything{})); diff != "" || found != nil {
				t.Errorf("found %v, struct (-want +got):\n%s", found, diff)
			}
		})
	}
}

func TestDecodeFillsInTheDefaultsOfABlockThatIsLeftOut(t *testing.T) {
	type config struct {
		Retry struct {
			Times int `hw:"times" default:"3"`
		} `hw:"retry"`
	}
	got, found := decodeNew(&config{}, nil)
	if times := got.(*config).Retry.Times; times != 3 || found != nil {
		t.Errorf("times = %d, found %v; want 3 and nothing", times, found)
	}
}

func named(name string, count int) nested {
	n := nested{Name: name}
	n.Inner.Count = count
	return n
}

func TestDecodeSaysWhatIsWrongAndWhere(t *testing.T) {
	tests := []struct {
		name, data string
		want       []Diagnostic
	}{
		{"no JSON", `{`, []Diagnostic{{Summary: "the block is no JSON object"}}},
		{"no object", `[]`, []Diagnostic{{Summary: "the block is no JSON object"}}},
		{"required left out", `{"repeated":[{"name":"n"}]}`, []Diagnostic{{Summary: `"text" is required`, Path: []string{"text"}}}},
		{"required null", `{"text":null,"repeated":[{"name":"n"}]}`, []Diagnostic{{Summary: `"text" is required`, Path: []string{"text"}}}},
		{"required block left out", `{"text":"t"}`, []Diagnostic{{Summary: `"repeated" is required`, Path: []string{"repeated"}}}},
		{"required block not once", `{"text":"t","repeated":[]}`, []Diagnostic{{Summary: `"repeated" is required`, Path: []string{"repeated"}}}},
		{"unknown", `{"text":"t","repeated":[{"name":"n"}],"b":1,"a":2}`, []Diagnostic{
			{Summary: `"a" is unknown here`, Path: []string{"a"}}, {Summary: `"b" is unknown here`, Path: []string{"b"}}}},
		{"field without a tag", `{"text":"t","repeated":[{"name":"n"}],"Own":"x"}`, []Diagnostic{{Summary: `"Own" is unknown here`, Path: []string{"Own"}}}},
		{"every wrong type", `{"text":1,"truth":"yes","int":1.5,"int64":"1","uint64":-1,"float64":true,"duration":"90s","list":"x","map":[],"repeated":[{"name":"n"}]}`, []Diagnostic{
			{Summary: "must be of type string", Path: []string{"text"}},
			{Summary: "must be of type bool", Path: []string{"truth"}},
			{Summary: "must be of type integer", Path: []string{"int"}},
			{Summary: "must be of type integer", Path: []string{"int64"}},
			{Summary: "must be an integer, zero or more", Path: []string{"uint64"}},
			{Summary: "must be of type number", Path: []string{"float64"}},
			{Summary: "must be a number of seconds, zero or more", Path: []string{"duration"}},
			{Summary: "must be of type list(string)", Path: []string{"list"}},
			{Summary: "must be of type map(string)", Path: []string{"map"}}}},
		{"integer too large", `{"text":"t","int64":9223372036854775808,"repeated":[{"name":"n"}]}`, []Diagnostic{{Summary: "must be of type integer", Path: []string{"int64"}}}},
		{"duration too long", `{"text":"t","duration":9223372036.854776,"repeated":[{"name":"n"}]}`, []Diagnostic{{Summary: "must be a number of seconds, zero or more", Path: []string{"duration"}}}},
		{"negative duration", `{"text":"t","duration":-0.1,"repeated":[{"name":"n"}]}`, []Diagnostic{{Summary: "must be a number of seconds, zero or more", Path: []string{"duration"}}}},
		{"not allowed", `{"text":"t","word":"maybe","repeated":[{"name":"n"}]}`, []Diagnostic{{Summary: "must be one of on, off", Path: []string{"word"}}}},
		{"block is no object", `{"text":"t","nested":[],"repeated":[{"name":"n"}]}`, []Diagnostic{{Summary: "must be a block", Path: []string{"nested"}}}},
		{"blocks are no list", `{"text":"t","repeated":{}}`, []Diagnostic{{Summary: "must be a list of blocks", Path: []string{"repeated"}}}},
		{"in blocks", `{"text":"t","nested":{"name":1},"repeated":[{"name":"n"},{"name":"n","inner":{"count":"x"}},{}]}`, []Diagnostic{
			{Summary: "must be of type string", Path: []string{"nested", "name"}},
			{Summary: "must be of type integer", Path: []string{"repeated", "1", "inner", "count"}},
			{Summary: `"name" is required`, Path: []string{"repeated", "2", "name"}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, got := decodeNew(&everything{}, []byte(test.data))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeOfAListWithAllowedValues(t *testing.T) {
	type config struct {
		Words []string `hw:"words" oneof:"a b"`
	}
	if _, found := decodeNew(&config{}, []byte(`{"words":["a","b","a"]}`)); found != nil {
		t.Errorf("allowed values: found %v", found)
	}
	_, found := decodeNew(&config{}, []byte(`{"words":["a","c"]}`))
	if diff := cmp.Diff([]Diagnostic{{Summary: "must be one of a, b", Path: []string{"words"}}}, found); diff != "" {
		t.Errorf("another value (-want +got):\n%s", diff)
	}
}

func TestDecodeOfAPluginWithoutABlock(t *testing.T) {
	if _, found := decodeNew(nil, nil); found != nil {
		t.Errorf("no block: found %v", found)
	}
	_, found := decodeNew(nil, []byte(`{"a":1}`))
	if diff := cmp.Diff([]Diagnostic{{Summary: "this plugin takes nothing in this block", Path: []string{"a"}}}, found); diff != "" {
		t.Errorf("a block (-want +got):\n%s", diff)
	}
}

// judged judges itself.
type judged struct {
	Low  int `hw:"low"`
	High int `hw:"high"`
}

var errOrder = errors.New("must not be above high")

func (j *judged) Validate() error {
	var err error
	if j.Low > j.High {
		err = AttributeError(errOrder, "swap them", "low")
	}
	if j.High > 9 {
		err = errors.Join(err, errors.New("is too much"))
	}
	return err
}

func TestDecodeAsksValidate(t *testing.T) {
	tests := []struct {
		name, data string
		want       []Diagnostic
	}{
		{"fine", `{"low":1,"high":2}`, nil},
		{"at a place", `{"low":3,"high":2}`, []Diagnostic{{Summary: "must not be above high", Hint: "swap them", Path: []string{"low"}}}},
		{"several", `{"low":30,"high":20}`, []Diagnostic{{Summary: "must not be above high", Hint: "swap them", Path: []string{"low"}}, {Summary: "is too much"}}},
		{"not asked about what cannot be read", `{"low":"x","high":20}`, []Diagnostic{{Summary: "must be of type integer", Path: []string{"low"}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			own := &judged{}
			_, got := decodeNew(own, []byte(test.data))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
			if *own != (judged{}) {
				t.Errorf("the author's own struct was touched: %+v", *own)
			}
		})
	}
}

func TestDecodeTargetIsAnErrorOfTheOperator(t *testing.T) {
	_, err := decodeTarget[nested]([]byte(`{"inner":{"count":"x"}}`))
	const want = `read target: name: "name" is required; inner: count: must be of type integer`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzDecodeNew(f *testing.F) {
	f.Add([]byte(`{"text":"t","repeated":[{"name":"n","inner":null}],"duration":1e9,"list":[null]}`))
	f.Add([]byte(`{"text":"t","repeated":[{"name":"n"}],"duration":9223372036.854776}`))
	f.Add([]byte(`{"text":"\ud800","map":{"":null},"nested":{}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, found := decodeNew(&everything{}, data)
		if len(found) > 0 {
			return
		}
		e := got.(*everything)
		if e.Duration < 0 || e.Fraction < 0 || e.Word != "on" && e.Word != "off" || len(e.Repeated) == 0 {
			t.Errorf("%q was taken as %+v", data, e)
		}
	})
}
