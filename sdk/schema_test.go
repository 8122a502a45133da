package sdk

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// everything has a field of each type that can be configured.
type everything struct {
	Text     string            `hw:"text,required" doc:"a text"`
	Truth    bool              `hw:"truth" default:"true"`
	Int      int               `hw:"int" default:"-3"`
	Int64    int64             `hw:"int64"`
	Uint64   uint64            `hw:"uint64" default:"7"`
	Float64  float64           `hw:"float64" default:"0.5"`
	Duration time.Duration     `hw:"duration" default:"1m30s"`
	Fraction time.Duration     `hw:"seconds" default:"1.5"`
	List     []string          `hw:"list" default:"[\"a\",\"b\"]"`
	Map      map[string]string `hw:"map" default:"{\"k\":\"v\"}"`
	Word     string            `hw:"word" default:"on" oneof:"on off" deprecated:"use truth"`
	Secret   string            `hw:"secret,sensitive"`
	Nested   nested            `hw:"nested" doc:"a block"`
	Repeated []nested          `hw:"repeated,required"`
	Own      string
	hidden   int
}

type nested struct {
	Name  string `hw:"name,required"`
	Inner struct {
		Count int `hw:"count" default:"2"`
	} `hw:"inner"`
}

func TestSchemaDescribesEveryType(t *testing.T) {
	block := Schema{
		Attributes: []Attribute{{Name: "name", Type: TypeString, Required: true}},
		Blocks:     []Block{{Name: "inner", Schema: Schema{Attributes: []Attribute{{Name: "count", Type: TypeInteger, Default: "2"}}}}},
	}
	want := Schema{
		Attributes: []Attribute{
			{Name: "text", Type: TypeString, Required: true, Description: "a text"},
			{Name: "truth", Type: TypeBool, Default: "true"},
			{Name: "int", Type: TypeInteger, Default: "-3"},
			{Name: "int64", Type: TypeInteger},
			{Name: "uint64", Type: TypeInteger, Default: "7"},
			{Name: "float64", Type: TypeNumber, Default: "0.5"},
			{Name: "duration", Type: TypeDuration, Default: "90"},
			{Name: "seconds", Type: TypeDuration, Default: "1.5"},
			{Name: "list", Type: TypeStringList, Default: `["a","b"]`},
			{Name: "map", Type: TypeStringMap, Default: `{"k":"v"}`},
			{Name: "word", Type: TypeString, Default: `"on"`, Deprecated: "use truth", Allowed: []string{"on", "off"}},
			{Name: "secret", Type: TypeString, Sensitive: true},
		},
		Blocks: []Block{
			{Name: "nested", Schema: block, Description: "a block"},
			{Name: "repeated", Schema: block, Required: true, Repeated: true},
		},
	}
	got := mustSchema(&everything{hidden: 1})
	for i := range got.Attributes {
		if len(got.Attributes[i].Allowed) == 0 {
			got.Attributes[i].Allowed = nil
		}
	}
	for _, b := range got.Blocks {
		b.Schema.Attributes[0].Allowed = nil
		b.Schema.Blocks[0].Schema.Attributes[0].Allowed = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

// endless holds itself.
type endless struct {
	More []endless `hw:"more"`
}

func TestSchemaRefusesMistakesOfAnAuthor(t *testing.T) {
	tests := []struct {
		name string
		of   any
		want string
	}{
		{"no pointer", struct{}{}, "is no pointer to a struct"},
		{"pointer to a number", new(int), "is no pointer to a struct"},
		{"empty name", &struct {
			A string `hw:""`
		}{}, `field A: "" is no name`},
		{"name with a space", &struct {
			A string `hw:"two words"`
		}{}, `field A: "two words" is no name`},
		{"not exported", &struct {
			a string `hw:"a"`
		}{}, "field a: a field with a tag must be exported"},
		{"name twice", &struct {
			A string `hw:"a"`
			B int    `hw:"a"`
		}{}, `field B: name "a" is taken`},
		{"unknown option", &struct {
			A string `hw:"a,mandatory"`
		}{}, `field A: option "mandatory" is unknown`},
		{"type that cannot be configured", &struct {
			A chan int `hw:"a"`
		}{}, "field A: type chan int cannot be configured"},
		{"small integer", &struct {
			A int8 `hw:"a"`
		}{}, "field A: type int8 cannot be configured"},
		{"time", &struct {
			A time.Time `hw:"a"`
		}{}, "field A: type time.Time cannot be configured"},
		{"list of integers", &struct {
			A []int `hw:"a"`
		}{}, "field A: type []int cannot be configured"},
		{"oneof of a number", &struct {
			A int `hw:"a" oneof:"1 2"`
		}{}, "field A: oneof is for strings, not for integer"},
		{"default beside required", &struct {
			A int `hw:"a,required" default:"1"`
		}{}, "field A: what is required has no default"},
		{"default of the wrong type", &struct {
			A int `hw:"a" default:"\"x\""`
		}{}, "must be of type integer"},
		{"default that is no JSON", &struct {
			A []string `hw:"a" default:"a,b"`
		}{}, `default "a,b": is no JSON`},
		{"default that is no duration", &struct {
			A time.Duration `hw:"a" default:"soon"`
		}{}, `default "soon": time: invalid duration`},
		{"negative duration", &struct {
			A time.Duration `hw:"a" default:"-1s"`
		}{}, "must be a number of seconds, zero or more"},
		{"duration without end", &struct {
			A time.Duration `hw:"a" default:"inf"`
		}{}, "must be a number of seconds, zero or more"},
		{"default that is not allowed", &struct {
			A string `hw:"a" default:"c" oneof:"a b"`
		}{}, "must be one of a, b"},
		{"default list that is not allowed", &struct {
			A []string `hw:"a" default:"[\"a\",\"c\"]" oneof:"a b"`
		}{}, "must be one of a, b"},
		{"mistake in a block", &struct {
			A struct {
				B int `hw:"b,x"`
			} `hw:"a"`
		}{}, `field A: field B: option "x" is unknown`},
		{"block that holds itself", &endless{}, "blocks nest more than 10 deep"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				said, _ := recover().(string)
				if !strings.Contains(said, test.want) || !strings.HasPrefix(said, "sdk: describe ") {
					t.Errorf("panicked with %q, want it to hold %q", said, test.want)
				}
			}()
			mustSchema(test.of)
		})
	}
}
