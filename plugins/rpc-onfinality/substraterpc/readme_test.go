package substraterpc

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// The README's table must name every attribute with its default.
func TestReadmeNamesEveryAttribute(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	config := reflect.TypeFor[Config]()
	for i := range config.NumField() {
		tag := config.Field(i).Tag
		name, _, _ := strings.Cut(tag.Get("hw"), ",")
		row := "| `" + name + "` |"
		_, rest, ok := strings.Cut(string(text), row)
		line, _, _ := strings.Cut(rest, "\n")
		if !ok || !strings.Contains(line, tag.Get("default")) {
			t.Errorf("got row %q for %s, want one with default %q", line, name, tag.Get("default"))
		}
	}
}
