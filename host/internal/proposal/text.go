package proposal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// fewest are the head sources of a monitor: one that lies must not decide.
const fewest = 2

// writer writes a proposal.
type writer struct {
	strings.Builder
	// names are the names that blocks have taken, by their kind; made are the
	// blocks that several monitors share.
	names map[string]bool
	made  map[string]string
	// todo counts the endpoints that nobody knows.
	todo int
}

// text is a configuration for nodes, and how many endpoints are left to be named.
func text(nodes []Node) (text string, todo int) {
	w := &writer{names: map[string]bool{}, made: map[string]string{}}
	var monitors strings.Builder
	for _, n := range nodes {
		heads, parser := w.heads(n), w.parser(n)
		monitors.WriteString(w.monitor(n, heads, parser))
	}
	return header(w.todo) + w.String() + Action + monitors.String(), w.todo
}

func header(todo int) string {
	text := `# Written by headwatch init. Look through it, and run
#
#   headwatch doctor --config FILE             contacts everything once, and changes nothing
#   DRY_RUN=true headwatch run --config FILE   every rule runs, and nothing is restarted
#
# before it may restart anything.
`
	if todo > 0 {
		text += fmt.Sprintf("#\n# TODO: %d endpoint(s) have to be named, by a variable of the environment or in here. Until then\n# the monitors that use them restart nothing.\n", todo)
	}
	return text
}

// Action is the block of the action that a proposal names.
const Action = `
# What restarts the containers, and where their logs come from. A node needs time to
# close its database; the timeout is that time, and more.
action "restart" {
  plugin  = "docker-restart"
  env     = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
  timeout = "7m"

  config {
    stop_timeout = "5m"
  }
}
`

// heads writes the head sources of a node's network, and names them.
func (w *writer) heads(n Node) string {
	key := "heads " + n.kind.heads.plugin + n.kind.heads.value + n.Network
	if n.Network == "" {
		key += n.Target.ID // two unknown networks need not be the same
	}
	if made, ok := w.made[key]; ok {
		return made
	}
	net := known(n.kind.heads, n.Network)
	w.WriteString(aboutHeads(n, net))
	var names []string
	for i := range max(fewest, len(net.urls)) {
		name := w.name("head_source", fmt.Sprintf("%s_%d", sourceName(n), i+1))
		names = append(names, "head_source."+name)
		var lines []string
		if n.kind.heads.attribute != "" {
			lines = append(lines, n.kind.heads.attribute, quote(n.kind.heads.value))
		}
		lines = append(lines, "url", w.url(net, i))
		if net.attribute != "" {
			lines = append(lines, net.attribute, quote(net.value))
		}
		if slot := pace(n.kind.heads, n.Network); slot != "" && n.kind.heads == substrateHeads {
			lines = append(lines, "slot_duration", quote(slot))
		}
		lines = append(lines, w.login(n, net, i)...)
		fmt.Fprintf(w, "\nhead_source %q {\n  plugin = %q\n\n  config {\n%s  }\n}\n", name, n.kind.heads.plugin, attributes("    ", lines...))
	}
	w.made[key] = "[" + strings.Join(names, ", ") + "]"
	return w.made[key]
}

// sourceName is what the head sources of a node are called: by their network, of
// which the execution and the consensus layer may have one each.
func sourceName(n Node) string {
	switch {
	case n.Network == "":
		return n.Target.Name
	case n.kind.heads.attribute == "":
		return n.Network
	}
	return n.kind.heads.value + "_" + n.Network
}

// aboutHeads says what the head sources of a node are.
func aboutHeads(n Node, net network) string {
	switch {
	case len(net.urls) >= fewest:
		return fmt.Sprintf("\n# Public endpoints of %s, of different providers. Your own accounts are better:\n# public ones may be slow, or ask you to ask less.\n", n.Network)
	case n.Network == "":
		return fmt.Sprintf("\n# TODO: the network of %s cannot be told from its container. Name two endpoints of it, of\n# different providers, and not the node itself.\n", n.Target.Name)
	}
	count := "only one public endpoint"
	if len(net.urls) == 0 {
		count = "no public endpoint"
	}
	return fmt.Sprintf("\n# TODO: %s of %s, network %s, is known.\n# Name two of different providers, and not the node itself.\n", count, n.Kind, n.Network)
}

// login is what an endpoint that is left to be named may want, where its kind does:
// without the variables nothing.
func (w *writer) login(n Node, net network, i int) []string {
	if n.kind.heads != bitcoinHeads || i < len(net.urls) {
		return nil
	}
	variable := func(what string) string { return fmt.Sprintf(`env("RPC_%s_%d", null)`, what, w.todo) }
	return []string{"user", variable("USER"), "password", variable("PASSWORD")}
}

// url is an endpoint: one that is known, or a variable. What stands there until it
// is set answers nobody, by its name.
func (w *writer) url(net network, i int) string {
	if i < len(net.urls) {
		return quote(net.urls[i])
	}
	w.todo++
	return fmt.Sprintf(`env("RPC_URL_%d", "https://todo-set-rpc-url-%d.invalid")`, w.todo, w.todo)
}

// parser writes the log parser of a kind, and names it.
func (w *writer) parser(n Node) string {
	key := "parser " + n.kind.name
	if made, ok := w.made[key]; ok {
		return made
	}
	name := w.name("log_parser", strings.ToLower(n.Kind))
	fmt.Fprintf(w, "\nlog_parser %q {\n  plugin = %q\n", name, n.kind.parser.plugin)
	if n.kind.parser.attribute != "" {
		fmt.Fprintf(w, "\n  config {\n%s  }\n", attributes("    ", n.kind.parser.attribute, quote(n.kind.parser.value)))
	}
	w.WriteString("}\n")
	w.made[key] = "log_parser." + name
	return w.made[key]
}

// monitor is the block of a node.
func (w *writer) monitor(n Node, heads, parser string) string {
	about := n.Kind
	if n.Network != "" {
		about += ", network " + n.Network
	}
	var target map[string]string
	_ = json.Unmarshal([]byte(n.Target.Target), &target) // it is an object of texts, or empty
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(target)) {
		lines = append(lines, name, quote(target[name]))
	}
	says := []string{"profile", quote("careful"), "heads", heads, "parser", parser, "action", "action.restart"}
	if pace := pace(n.kind.heads, n.Network); pace != "" {
		says = append(says, "block_time", quote(pace))
	}
	return fmt.Sprintf("\n# %s, image %s.\nmonitor %q {\n%s\n  target {\n%s  }\n}\n", about, oneLine(n.Target.Image), w.name("monitor", n.Target.Name),
		attributes("  ", says...), attributes("    ", lines...))
}

// attributes writes names and values as HCL is formatted.
func attributes(indent string, lines ...string) string {
	width := 0
	for i := 0; i < len(lines); i += 2 {
		width = max(width, len(lines[i]))
	}
	var b strings.Builder
	for i := 0; i < len(lines); i += 2 {
		fmt.Fprintf(&b, "%s%-*s = %s\n", indent, width, lines[i], lines[i+1])
	}
	return b.String()
}

// name makes a name for a block that none of its kind has yet.
func (w *writer) name(kind, wish string) string {
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, wish)
	if name == "" || !('a' <= name[0] && name[0] <= 'z' || 'A' <= name[0] && name[0] <= 'Z') {
		name = "node_" + name
	}
	for free, i := name, 2; ; free, i = fmt.Sprintf("%s_%d", name, i), i+1 {
		if !w.names[kind+free] {
			w.names[kind+free] = true
			return free
		}
	}
}

func quote(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
