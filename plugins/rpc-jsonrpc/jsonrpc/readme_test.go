package jsonrpc

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

func tagOf(t *testing.T, name string) reflect.StructTag {
	t.Helper()
	config := reflect.TypeFor[Config]()
	for i := range config.NumField() {
		tag := config.Field(i).Tag
		if got, _, _ := strings.Cut(tag.Get("hw"), ","); got == name {
			return tag
		}
	}
	t.Fatalf("no attribute %q", name)
	return ""
}

// The README's table must name every attribute with its default, and show each
// preset as an operator would write it.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []reflect.Type{reflect.TypeFor[Config](), reflect.TypeFor[Endpoint](), reflect.TypeFor[Also]()} {
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
	for _, name := range presetNames() {
		want := "### " + name + "\n"
		_, section, ok := strings.Cut(string(text), want)
		section, _, _ = strings.Cut(section, "\n##")
		if lines := presetLines(presets()[name]); !ok || !strings.Contains(section, lines) {
			t.Errorf("section %q must hold\n%s", name, lines)
		}
	}
}

// presetLines writes a preset in HCL.
func presetLines(c Config) string {
	var b strings.Builder
	b.WriteString("```hcl\n")
	writeAttributes(&b, "", reflect.ValueOf(c))
	for _, also := range c.Also {
		b.WriteString("also {\n")
		writeAttributes(&b, "  ", reflect.ValueOf(also))
		b.WriteString("}\n")
	}
	b.WriteString("```\n")
	return b.String()
}

func writeAttributes(b *strings.Builder, indent string, of reflect.Value) {
	width := 0
	var lines [][2]string
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("hw"), ",")
		value := ""
		switch field := of.Field(i).Interface().(type) {
		case string:
			value = field
		case time.Duration:
			if field > 0 {
				value = strings.TrimSuffix(field.String(), "0s")
			}
		}
		switch {
		case value == "":
			continue
		case name == "params":
			value = "jsonencode(" + value + ")"
		default:
			value = strconv.Quote(value)
		}
		width = max(width, len(name))
		lines = append(lines, [2]string{name, value})
	}
	for _, line := range lines {
		fmt.Fprintf(b, "%s%-*s = %s\n", indent, width, line[0], line[1])
	}
}
