package logregexp

import (
	"strings"
	"testing"
)

func TestAppendFlat(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"the message first", `{"level":"info","height":5,"message":"executed block","ok":true}`, "executed block level=info height=5 ok=true"},
		{"no message", `{"height":5}`, " height=5"},
		{"quotes where they are needed", `{"msg":"m","err":"a \"b\" c","empty":"","equals":"a=b"}`, `m err="a \"b\" c" empty= equals="a=b"`},
		{"numbers as they stand", `{"msg":"m","n":12345678901234567890123,"f":1.50,"e":1e3}`, "m n=12345678901234567890123 f=1.50 e=1e3"},
		{"fields within", `{"fields":{"message":"m","number":7},"target":"reth::cli"}`, "m number=7 target=reth::cli"},
		{"lists and null are left out", `{"msg":"m","list":[1,{"a":[2]}],"null":null,"n":1}`, "m n=1"},
		{"too deep", `{"a":{"a":{"a":{"a":{"a":{"n":1}}}}},"msg":"m"}`, "m"},
		{"a line end in the message", `{"msg":"one\nINFO two","n":1}`, "one INFO two n=1"},
		{"a line end in a value", `{"msg":"m","stack":"a\nb"}`, `m stack="a\nb"`},
		{"a key with a line end", `{"msg":"m","a\nb":1}`, "m a b=1"},
		{"text behind", `{"msg":"m"} and more`, "m"},
		{"pairs", `t=2024-11-03T17:52:35+0000 lvl=info msg="Imported new chain segment" number=5`, "Imported new chain segment number=5"},
		{"pairs, one word", `level=info msg=stopping number=5`, "stopping number=5"},
		{"pairs, quotes within", `time="12:00" level=error msg="say \"no\"\nend" n=1`, `say "no" end n=1`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, ok := appendFlat(nil, []byte(c.text))
			if !ok || string(got) != c.want {
				t.Errorf("%s is %q, %v; want %q", c.text, got, ok, c.want)
			}
		})
	}
}

func TestAppendFlatLeavesOthersAlone(t *testing.T) {
	for _, text := range []string{
		"", "Imported new chain segment number=5", "{", "{}x"[:1], `{"msg":"cut of`, `{"msg":"m","height":70002`, `{"msg":"m",`,
		`{"a":[1,2`, `{"msg" "m"}`, `{1:2}`, "number=5 msg=hello", "level=info number=5", `level=info msg="no end`[:10],
		strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000),
	} {
		if got, ok := appendFlat(nil, []byte(text)); ok {
			t.Errorf("%.40q is read as %.40q", text, got)
		}
	}
}
