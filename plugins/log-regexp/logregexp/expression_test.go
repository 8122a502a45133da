package logregexp

import (
	"regexp"
	"strings"
	"testing"
)

func TestWordsAndPrefix(t *testing.T) {
	cases := []struct{ expression, words, prefix string }{
		{`^Chain head was updated\s.*number=`, "updated", "Chain head was updated"},
		{`^Imported new (?:potential )?chain segment`, "Imported", "Imported new "},
		{`peers=(?P<peers>[0-9]+)`, "peers", ""},
		{`(?P<word>Status|Synced)\s`, "tatus ynced", ""},
		{`^(?:Status|State)\s`, "Stat", "Stat"},
		{`(?:executed)+ x`, "executed", ""},
		{`(?:height){2} x`, "height", ""},
		{`(?:height)* x`, "x", ""},
		{`a|[0-9]`, "", ""},
		{`(?i)error`, "", ""},
		{`^(?i)error`, "", ""},
		{`[0-9]+`, "", ""},
		{`…`, "", ""},
		{`a1|b2|c3|d4|e5|f6|g7|h8`, "a1 b2 c3 d4 e5 f6 g7 h8", ""},
		{`key= *(?:none|empty)`, "none empty", ""},
		{`block= *empty`, "empty", ""},
		{`^version (?:Bitcoin|Dogecoin)`, "Bitcoin Dogecoin", "version "},
		{`^Chain [a-z]+ unusually`, "unusually", "Chain "},
		{strings.Repeat("a1|b2|c3|d4|e5|", 5) + "f6", "", ""},
	}
	for _, c := range cases {
		t.Run(c.expression, func(t *testing.T) {
			e, err := newExpression(c.expression)
			if err != nil {
				t.Fatal(err)
			}
			var words []string
			for _, word := range e.words {
				words = append(words, string(word))
			}
			if got := strings.Join(words, " "); got != c.words || string(e.prefix) != c.prefix {
				t.Errorf("words %q, prefix %q; want %q, %q", got, e.prefix, c.words, c.prefix)
			}
		})
	}
}

// FuzzExpression holds that what is looked at before an expression, for itself or
// for all, never hides a text that it matches.
func FuzzExpression(f *testing.F) {
	f.Add(`^Imported new (?:potential )?chain segment\s.*?\bnumber=(?P<number>[0-9,]+)`, "Imported new chain segment number=5")
	f.Add(`(?i)error|warn(ing)?`, "WARNING")
	f.Add(`(a|b)+c{2,}|^d`, "abcc")
	f.Add(`(?:^x)?y`, "y")
	f.Add(`^`, "")
	f.Add(`\Qa.b\E$`, "a.b")
	f.Fuzz(func(t *testing.T, text, line string) {
		if len(text) > 200 {
			return
		}
		plain, err := regexp.Compile(text)
		e, ownErr := newExpression(text)
		if (err == nil) != (ownErr == nil) {
			t.Fatalf("%q: %v and %v", text, err, ownErr)
		}
		if err != nil {
			explainSyntax(text, err)
			return
		}
		if want, got := plain.MatchString(line), e.mayBeIn([]byte(line)) && e.matches([]byte(line)); want != got {
			t.Errorf("%q matches %q: %v, want %v (words %q, prefix %q)", text, line, got, want, e.words, e.prefix)
		} else if found := newFinder([]pattern{{match: e}}).find([]byte(line)); want && !found.has(0) {
			t.Errorf("the words %q are not found in %q", e.words, line)
		}
	})
}
