package config

import (
	"regexp"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/fact"
)

// TestRulesPage: docs/rules.md names every fact, function and rule there is, and
// no function that there is not.
func TestRulesPage(t *testing.T) {
	page := string(read(t, "../../../docs/rules.md"))
	for _, f := range fact.BuiltIn() {
		if !strings.Contains(page, "\n| `"+f.Name+"` |") {
			t.Errorf("fact %s has no row in the table", f.Name)
		}
	}
	known, named := expr.Functions(nil), map[string]bool{}
	for _, call := range regexp.MustCompile("`([a-z]+)\\([^`]+`").FindAllStringSubmatch(page, -1) {
		if _, ok := known[call[1]]; !ok {
			t.Errorf("function %s does not exist", call[1])
		}
		named[call[1]] = true
	}
	for name := range known {
		if !named[name] {
			t.Errorf("function %s is not named", name)
		}
	}
	for _, attribute := range []string{"enabled", "shadow", "lag_above", "unless", "for", "window", "when", "message", "action"} {
		if !strings.Contains(page, "`"+attribute) {
			t.Errorf("attribute %s is not named", attribute)
		}
	}
}

// The examples of the page are parts of a monitor.
func TestRulesPageExamples(t *testing.T) {
	page := string(read(t, "../../../docs/rules.md"))
	examples := regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllStringSubmatch(page, -1)
	if len(examples) < 5 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, example := range examples {
		if _, found := Parse("rules.md", []byte(minimal(example[1])), nil); len(found) > 0 {
			t.Errorf("%s\n%v", example[1], found)
		}
	}
}

// The mistakes that the page shows are what validate says.
func TestRulesPageMistakes(t *testing.T) {
	page := string(read(t, "../../../docs/rules.md"))
	_, shown, _ := strings.Cut(page, "$ headwatch validate --config monitor.hcl\n")
	shown, _, _ = strings.Cut(shown, "```")
	when := regexp.MustCompile(`31 \| (.*)`).FindStringSubmatch(shown)
	if when == nil {
		t.Fatal("the page shows no mistake")
	}
	src := minimal("rule \"x\" {\n    " + when[1] + "\n}")
	line := 1 + strings.Count(src[:strings.Index(src, when[1])], "\n")
	_, found := Parse("monitor.hcl", []byte(strings.Repeat("\n", 31-line)+src), nil)
	if got := text(t, found); got != shown {
		t.Errorf("validate says\n%s\nand the page\n%s", got, shown)
	}
}
