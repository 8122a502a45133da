package jsonrpc

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

func plainQuote(text []byte) string { return strconv.Quote(string(text)) }

func TestPath(t *testing.T) {
	const text = `{
		"result": {"height": "17", "blocks": [{"n": 1}, {"n": 2}, {"n": 3}], "a.b": {"": 4}, "0": 5, "none": null, "empty": {}},
		"many": {"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1}
	}`
	tests := []struct{ path, want, err string }{
		{path: "result.height", want: "17"},
		{path: ".result.height", want: "17"},
		{path: "result.blocks.0.n", want: "1"},
		{path: "result.blocks.-1.n", want: "3"},
		{path: `result."a.b"."" `, err: `has no dot after ""`},
		{path: `result."a.b".""`, want: "4"},
		{path: "result.0", want: "5"},
		{path: "result.heigth", err: `no heigth in result: it has "0 a.b blocks empty height none"`},
		{path: "result.height.x", err: `no x in result.height: it is the text "17"`},
		{path: "result.none.x", err: "no x in result.none: it is null"},
		{path: "result.empty.x", err: "no x in result.empty: it is an empty object"},
		{path: "result.blocks.3", err: "no 3 in result.blocks: it is a list of 3"},
		{path: "result.blocks.-4", err: "no -4 in result.blocks: it is a list of 3"},
		{path: "result.blocks.n", err: "no n in result.blocks: it is a list of 3"},
		{path: "result.blocks.0.n.x", err: `no x in result.blocks.0.n: it is the number "1"`},
		{path: "block", err: `no block in the answer: it has "many result"`},
		{path: "many.x", err: `no x in many: it has "a b c d e f g h i j k l" and more`},
		{path: "", err: "has an empty key"},
		{path: "..", err: "has an empty key"},
		{path: "result.", err: "has an empty key"},
		{path: "result..height", err: "has an empty key"},
		{path: "result[0]", err: `has the key "result[0]"`},
		{path: "$.result", err: `has the key "$"`},
		{path: `result."open`, err: "has a quote that is not closed"},
	}
	decoded, err := answer.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			p, err := parsePath(test.path)
			var found any
			if err == nil {
				found, err = p.find(decoded, plainQuote)
			}
			if err != nil || test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Fatalf("got %v, error %v; want error %s", found, err, test.err)
				}
				return
			}
			if got := answer.Describe(found, func(text []byte) string { return string(text) }); !strings.HasSuffix(got, " "+test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestWholeAnswer(t *testing.T) {
	p, err := parsePath(".")
	if err != nil {
		t.Fatal(err)
	}
	found, err := p.find("x", plainQuote)
	if err != nil || found != "x" {
		t.Errorf("got %v, error %v", found, err)
	}
	if p.String() != "." {
		t.Errorf("got %q", p.String())
	}
}

// FuzzPath: a path that can be read is written so that it reads the same, and
// looking for it never does more than fail in one line.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"result.number", ".a", ".", "..", `"a.b".c`, `"\u0000"`, "-1", "0.0", "a[0]", `"`, "a.\xff"} {
		f.Add(seed, `{"result":{"number":"0x1"},"a":[1,2,{"b":null}]}`)
	}
	f.Fuzz(func(t *testing.T, text, whole string) {
		p, err := parsePath(text)
		if err != nil {
			return
		}
		again, err := parsePath(p.String())
		if err != nil || !slices.Equal(p, again) {
			t.Fatalf("%q is written as %q, which reads as %q, error %v", text, p, again, err)
		}
		decoded, err := answer.Decode([]byte(whole))
		if err != nil {
			return
		}
		if _, err := p.find(decoded, plainQuote); err != nil && strings.ContainsAny(err.Error(), "\n\x1b") && !strings.ContainsAny(text, "\n\x1b") {
			t.Errorf("got error %q", err)
		}
	})
}
