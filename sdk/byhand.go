package sdk

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// byHand answers a person who runs a plugin, and gives the exit code: --help
// and --version are answered, --debug serves, anything else is a mistake.
func (p *plugin) byHand(args []string, stdout, stderr io.Writer) int {
	ask := ""
	if len(args) > 1 {
		ask = args[1]
	}
	switch ask {
	case "--version", "-version", "version":
		fmt.Fprintf(stdout, "%s %s\n", p.info.Name, p.info.Version)
		return 0
	case "--debug", "-debug":
		return p.serveDebug(stdout, stderr)
	case "--help", "-help", "-h", "help":
		p.help(stdout)
		return 0
	}
	p.help(stderr)
	return 2
}

func (p *plugin) help(w io.Writer) {
	fmt.Fprintf(w, "%s %s: %s\n\n", p.info.Name, p.info.Version, p.info.Description)
	var kinds []string
	for _, kind := range p.info.Kinds {
		kinds = append(kinds, string(kind))
	}
	fmt.Fprintf(w, "This is a plugin of headwatch: %s. It is not run by hand:\nname it in a block of the configuration, and headwatch starts it.\nWith --debug it waits for a host instead, for use under a debugger.\n", strings.Join(kinds, " and "))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	helpSchema(table, "config", mustSchema(p.config()))
	helpSchema(table, "target", mustSchema(p.target))
	table.Flush()
}

// helpSchema lists what a block may hold, one attribute a line.
func helpSchema(w io.Writer, block string, s Schema) {
	if len(s.Attributes)+len(s.Blocks) > 0 {
		fmt.Fprintf(w, "\n%s:\n", block)
	}
	for _, a := range s.Attributes {
		value := a.Default
		switch {
		case a.Required:
			value = "required"
		case value == "":
			value = "-"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", a.Name, a.Type, value, a.Description)
	}
	for _, b := range s.Blocks {
		helpSchema(w, block+" "+b.Name, b.Schema)
	}
}
