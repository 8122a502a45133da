package redact

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

func TestText(t *testing.T) {
	secrets := []string{"hunter2hunter2", "pin", "12345678", "https://rpc.example/polkadot/abcdefghijklmnop", "https://user:pa55word@rpc.example/v1/0123456789abcdef?key=query-key", "a&b=c d", "Bearer abcdefgh1"}
	tests := []struct{ name, text, want string }{
		{"nothing", "connection refused", "connection refused"},
		{"path", `Post "https://rpc.example/v1/KEY": dial tcp`, `Post "https://rpc.example": dial tcp`},
		{"user", "wss://me:pass@rpc.example:443/ws?x=1#y", "wss://rpc.example:443"},
		{"at in the password", "https://me:p@ss@rpc.example/x", "https://rpc.example"},
		{"no path", "ask https://rpc.example: timeout", "ask https://rpc.example: timeout"},
		{"end of a sentence", "see https://rpc.example/x/y. Then (https://b.example/z), too", "see https://rpc.example. Then (https://b.example), too"},
		{"query only", "https://rpc.example?key=abc", "https://rpc.example"},
		{"two", "http://a/b http://c/d", "http://a http://c"},
		{"a socket", "dial unix:///var/run/docker.sock: refused", "dial unix:///var/run/docker.sock: refused"},
		{"a secret", "token hunter2hunter2 is wrong", "token [hidden] is wrong"},
		{"a secret in a word", "xhunter2hunter2y", "x[hidden]y"},
		{"a word of one", "the bearer of abcdefgh1", "the bearer of [hidden]"},
		{"a short one", "pin or pins or a (pin)", "[hidden] or pins or a ([hidden])"},
		{"a number", "12345678 and 9123456780", "[hidden] and 9123456780"},
		{"parts of an address", "pa55word 0123456789abcdef query-key user", "[hidden] [hidden] [hidden] [hidden]"},
		{"the name of a network", "node polkadot is absent, abcdefghijklmnop", "node polkadot is absent, [hidden]"},
		{"its host", "rpc.example answers 429", "rpc.example answers 429"},
		{"in another form", "a%26b%3Dc+d or a&b=c%20d", "[hidden] or [hidden]"},
	}
	r := New(secrets...)
	for _, test := range tests {
		if got := r.Text(test.text); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAddress(t *testing.T) {
	for address, want := range map[string]string{
		"": "", "https://rpc.example/key": "https://rpc.example", "rpc.example/key": "rpc.example", "me:pass@rpc.example:9944/x": "rpc.example:9944",
		"rpc.example?key=x": "rpc.example", "https://rpc.example": "https://rpc.example",
	} {
		if got := (&Redactor{}).Address(address); got != want {
			t.Errorf("%q is shown as %q, want %q", address, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	r := New("hunter2hunter2", `quo"ted`, "12345678", "names")
	tests := []struct{ name, line, want string }{
		{"nothing", `{"t":"x","n":12345678,"list":[1,"a"]}`, `{"t":"x","n":12345678,"list":[1,"a"]}`},
		{"a value", `{"e":"of hunter2hunter2","n":12345678}` + "\n", `{"e":"of [hidden]","n":12345678}` + "\n"},
		{"an escaped one", `{"e":"quo\"ted","f":"\u2028\"http://a/b"}`, `{"e":"[hidden]","f":"\u2028\"http://a"}`},
		{"the name of a field", `{"names":"names"}`, `{"names":"[hidden]"}`},
		{"in a list", `["http://a/b",{"x":"http://a/b"}]`, `["http://a",{"x":"http://a"}]`},
		{"untouched bytes", `{"a":"\u003c","b":"http://a/b"}`, `{"a":"\u003c","b":"http://a"}`},
		{"cut off", `{"a":"http://a/b`, `{"a":"http://a/b`},
	}
	for _, test := range tests {
		if got := string(r.JSON([]byte(test.line))); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// FuzzJSON: whatever the strings of a record, what comes out is JSON of the same
// form, and no string of it holds the secret or the end of an address.
func FuzzJSON(f *testing.F) {
	f.Add("hunter2hunter2", "see https://me:x@a.example/hunter2hunter2/z?y", `\"`)
	f.Add(`a\b"c<d>`, `a\b"c<d>`, "\u2028\x00")
	f.Fuzz(func(t *testing.T, secret, one, two string) {
		line, err := json.Marshal(map[string]any{"one": one, "list": []string{two, one + secret}, "n": 5})
		if err != nil || !utf8.ValidString(secret) {
			t.Skip() // a secret comes from JSON
		}
		r := New(secret)
		var out struct {
			One  string
			List []string
			N    int
		}
		if err := json.Unmarshal(r.JSON(line), &out); err != nil || out.N != 5 || len(out.List) != 2 {
			t.Fatalf("%v: %s of %s", err, r.JSON(line), line)
		}
		for _, text := range append(out.List, out.One) {
			if long := len(secret) >= longSecret && strings.ContainsAny(secret, "abcdefghijklmnopqrstuvwxyz") && !strings.Contains(secret, "://") &&
				!strings.Contains(hidden, secret); long && strings.Contains(text, secret) && !strings.Contains(secret, hidden) {
				t.Fatalf("%q still holds %q", text, secret)
			}
		}
	})
}

// What is added later is known beside what was.
func TestSecretsAddedLater(t *testing.T) {
	r := New("hunter2hunter2")
	r.Add("swordfish-swordfish")
	if got, want := r.Text("hunter2hunter2 swordfish-swordfish"), "[hidden] [hidden]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecrets(t *testing.T) {
	schema := sdk.Schema{
		Attributes: []sdk.Attribute{{Name: "url"}, {Name: "token", Sensitive: true}, {Name: "keys", Sensitive: true}, {Name: "headers", Sensitive: true},
			{Name: "pin", Sensitive: true}, {Name: "absent", Sensitive: true}},
		Blocks: []sdk.Block{
			{Name: "login", Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "password", Sensitive: true}}}},
			{Name: "peer", Repeated: true, Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "secret", Sensitive: true}, {Name: "name"}}}},
		},
	}
	object := `{"url":"u","token":"t","keys":["k1","k2"],"headers":{"a":"h"},"pin":1234567890123,"login":{"password":"p"},"peer":[{"secret":"s1","name":"n"},{"secret":"s2"}]}`
	got := Secrets(schema, []byte(object))
	slices.Sort(got)
	if diff := cmp.Diff([]string{"1234567890123", "h", "k1", "k2", "p", "s1", "s2", "t"}, got); diff != "" {
		t.Error(diff)
	}
	if got := Secrets(schema, []byte("null")); got != nil {
		t.Errorf("secrets of nothing: %q", got)
	}
}
