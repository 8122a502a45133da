package config

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headwatch/headwatch/sdk"
)

// PluginBlock is one block that names a plugin: one process.
type PluginBlock struct {
	Kind sdk.Kind
	Name string
	// Plugin is a name to look up in the plugin folders, or a path.
	Plugin string
	// Env names the variables of the host's environment that the plugin sees
	// beside the usual few.
	Env []string
	// Timeout is the deadline of one call.
	Timeout time.Duration
	// MTLS says whether the connection is encrypted both ways.
	MTLS bool
	// SHA256 is what the plugin's binary must hash to, in lower-case hex; empty
	// for any.
	SHA256 string
	// MaxAge is the age above which a head of this source contributes nothing;
	// zero leaves it to the monitor. Only head sources have one.
	MaxAge time.Duration
	// Position is where the block begins.
	Position Position

	config section
	// extent is all of the block in the file.
	extent hcl.Range
}

// String names the block as a reference does, such as "action.restart".
func (b *PluginBlock) String() string { return string(b.Kind) + "." + b.Name }

// IsPath says whether Plugin is a path rather than a name.
func (b *PluginBlock) IsPath() bool { return strings.ContainsRune(b.Plugin, '/') }

// The deadlines of calls unless a block says otherwise. An action waits for a
// node to stop, which takes its time.
const (
	defaultTimeout       = 10 * time.Second
	defaultActionTimeout = 2 * time.Minute
)

// pluginKinds are the blocks that name a plugin.
func pluginKinds() []sdk.Kind {
	return []sdk.Kind{sdk.KindHeadSource, sdk.KindLogParser, sdk.KindAction, sdk.KindLogSource}
}

// isVariableName says whether a text can name a variable of the environment.
func isVariableName(text string) bool {
	return hclsyntax.ValidIdentifier(text) && !strings.ContainsRune(text, '-')
}

// isSHA256 says whether a text is a SHA-256 in hex.
func isSHA256(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size
}

// readPlugin reads one block that names a plugin.
func (f *file) readPlugin(block *hclsyntax.Block) *PluginBlock {
	s := f.section(block)
	timeout := defaultTimeout
	if block.Type == string(sdk.KindAction) {
		timeout = defaultActionTimeout
	}
	return &PluginBlock{
		Kind:     sdk.Kind(block.Type),
		Name:     block.Labels[0],
		Plugin:   s.pluginName(),
		Env:      s.variableNames(),
		Timeout:  s.period("timeout", timeout),
		MTLS:     s.flag("mtls", true),
		SHA256:   s.hash(),
		MaxAge:   s.period("max_age", 0),
		Position: f.position(block.TypeRange),
		config:   s.foreign("config"),
		extent:   hcl.RangeBetween(block.TypeRange, block.CloseBraceRange),
	}
}

// foreign is a block that a plugin's schema describes. What is missing in one
// that is not there is reported at the block around it.
func (s section) foreign(name string) section {
	inner := s.child(name)
	inner.what = s.what
	if inner.given {
		inner.what = name + " of " + s.what
	}
	return inner
}

func (s section) pluginName() string {
	g, name, ok := s.text("plugin")
	if !ok {
		if _, set := s.body.Attributes["plugin"]; !set {
			s.missing("plugin", `Name a binary of the plugin folder, or give a path: plugin = "./my-plugin".`)
		}
		return ""
	}
	if name == "" || name == "." || name == ".." || strings.ContainsRune(name, 0) {
		s.refuse(g, "the name or the path of a plugin", "")
	}
	return name
}

func (s section) variableNames() []string {
	names := s.texts("env", false)
	for _, name := range names {
		if !isVariableName(name) {
			s.fail(loud(s.body.Attributes["env"].Expr.Range()),
				"List names only; the values come from the host's own environment.",
				"%q in env is not the name of a variable", strings.SplitN(name, "=", 2)[0])
		}
	}
	return names
}

func (s section) hash() string {
	g, text, ok := s.text("sha256")
	if ok && !isSHA256(text) {
		s.refuse(g, "64 hex digits", "sha256sum prints them for a file.")
	}
	return strings.ToLower(text)
}
