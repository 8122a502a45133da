package execaction

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// The README's tables must name every attribute, with its default.
func TestReadmeNamesEveryAttribute(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []reflect.Type{reflect.TypeFor[Config](), reflect.TypeFor[Target]()} {
		for i := range each.NumField() {
			tag := each.Field(i).Tag
			name, _, _ := strings.Cut(tag.Get("hw"), ",")
			_, rest, ok := strings.Cut(string(text), "| `"+name+"` |")
			line, _, _ := strings.Cut(rest, "\n")
			if !ok || !strings.Contains(line, tag.Get("default")) {
				t.Errorf("got row %q for %s, want one with default %q", line, name, tag.Get("default"))
			}
		}
	}
}

// The README's table of the answer must name every key.
func TestReadmeNamesEveryKeyOfTheAnswer(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## What inspect says")
	table, _, _ = strings.Cut(table, "\n## ")
	answer := reflect.TypeFor[document]()
	for i := range answer.NumField() {
		if name := answer.Field(i).Tag.Get("json"); !strings.Contains(table, "`"+name+"`") {
			t.Errorf("no word of %s", name)
		}
	}
}
