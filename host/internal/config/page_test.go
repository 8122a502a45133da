package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// What is made of the grammar stands in a page between these lines.
const (
	madeBegins = "<!-- What follows is made by make docs from the grammar in host/internal/config. -->\n"
	madeEnds   = "<!-- It ends here. -->\n"
)

// TestPages compares the pages of the manual with the grammar. UPDATE_GOLDEN=1
// writes them.
func TestPages(t *testing.T) {
	made := map[string]func(b *strings.Builder){
		"configuration.md": func(b *strings.Builder) {
			for _, block := range Grammar().Blocks {
				writeBlock(b, block, "##")
			}
		},
		"record.md": func(b *strings.Builder) {
			record, _ := Grammar().Block("record")
			writeTable(b, record)
		},
		"rules.md": writeRules,
	}
	for name, write := range made {
		t.Run(name, func(t *testing.T) {
			path := "../../../docs/" + name
			before, rest, begins := strings.Cut(string(read(t, path)), madeBegins)
			got, after, ends := strings.Cut(rest, madeEnds)
			if !begins || !ends {
				t.Fatalf("%s has no place for what is made of the grammar", name)
			}
			var want strings.Builder
			write(&want)
			want.WriteString("\n")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, []byte(before+madeBegins+want.String()+madeEnds+after), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want.String(), got); diff != "" {
				t.Errorf("run make docs (-want +got):\n%s", diff)
			}
		})
	}
}

// The example of the page can be used as it stands.
func TestConfigurationPageExample(t *testing.T) {
	_, example, _ := strings.Cut(string(read(t, "../../../docs/configuration.md")), "```hcl\n")
	example, _, _ = strings.Cut(example, "```")
	if _, found := Parse("configuration.md", []byte(example), environment("CONTAINER_NAME=node")); len(found) > 0 {
		t.Error(found)
	}
}

// writeBlock writes what a block is and what it takes.
func writeBlock(b *strings.Builder, g hcltext.Grammar, heading string) {
	if !g.Foreign {
		fmt.Fprintf(b, "\n%s %s\n", heading, g.Name)
	}
	fmt.Fprintf(b, "\n%s\n", g.Description)
	if g.Name == "defaults" {
		return // it takes what a monitor takes
	}
	writeTable(b, g)
	for _, inner := range g.Blocks {
		writeBlock(b, inner, heading+"#")
	}
}

// writeTable writes the attributes of a block.
func writeTable(b *strings.Builder, g hcltext.Grammar) {
	if len(g.Attributes) == 0 {
		return
	}
	b.WriteString("\n| attribute | type | default | what it is |\n|---|---|---|---|\n")
	for _, a := range g.Attributes {
		kind := string(a.Type)
		if a.OverFacts {
			kind += ", or an expression over facts"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", a.Name, kind, cell(defaultOf(a)), cell(a.Description+bounds(a)))
	}
}

// defaultOf says what an attribute is when it is not given.
func defaultOf(a hcltext.Attribute) string {
	text := a.Otherwise
	switch {
	case a.Required:
		text = "required"
	case a.ByLabel != nil:
		var all []string
		for _, label := range slices.Backward(slices.Sorted(maps.Keys(a.ByLabel))) {
			all = append(all, label+": "+inCode(a.ByLabel[label]))
		}
		text = strings.Join(all, "; ")
	case text == "":
		text = inCode(a.Default)
	}
	switch {
	case a.VariableWins:
		text += "; `" + a.Variable + "` wins over the file"
	case a.Variable != "":
		text = "`" + a.Variable + "`, else " + text
	}
	return text
}

func inCode(text string) string {
	if text == "" {
		return "none"
	}
	return "`" + text + "`"
}

// bounds says what a value may be beside its type.
func bounds(a hcltext.Attribute) string {
	switch {
	case a.Most != "":
		return fmt.Sprintf(", from %s to %s", a.Least, a.Most)
	case a.Least != "":
		return ", at least " + a.Least
	case a.Positive:
		return ", longer than 0s"
	}
	return ""
}

// cell keeps a text within one cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// writeRules writes the rules with the defaults of their own attributes.
func writeRules(b *strings.Builder) {
	b.WriteString("\n| rule | fires when | attributes and their defaults |\n|---|---|---|\n")
	monitor, _ := Grammar().Block("monitor")
	for _, rule := range [][2]string{{"block_lag", severe}, {"sync_stall"}, {"falling_behind"}, {"block_lag", moderate}, {"rule", "NAME"}} {
		g, _ := monitor.Block(rule[0])
		name := rule[0]
		if rule[1] != "" {
			name += ` "` + rule[1] + `"`
		}
		var all []string
		for _, a := range g.Attributes {
			value := hcltext.FirstOf(a.ByLabel[rule[1]], a.Default)
			switch {
			case a.Name == "enabled" || a.Name == "shadow":
			case value != "":
				all = append(all, "`"+a.Name+" = "+value+"`")
			case a.Required:
				all = append(all, "`"+a.Name+"` (required)")
			case a.Otherwise != "":
				all = append(all, "`"+a.Name+"` ("+a.Otherwise+")")
			default:
				all = append(all, "no `"+a.Name+"`")
			}
		}
		_, fires, _ := strings.Cut(g.Description, " when ")
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, strings.TrimSuffix(fires, "."), cell(strings.Join(all, ", ")))
	}
}
