package config

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headwatch/headwatch/host/internal/hcltext"
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
	// Provider is who runs a head source, where the file says it.
	Provider string
	// Position is where the block begins.
	Position Position

	section, config hcltext.Section
}

// String names the block as a reference does, such as "action.restart".
func (b *PluginBlock) String() string { return string(b.Kind) + "." + b.Name }

// IsPath says whether Plugin is a path rather than a name.
func (b *PluginBlock) IsPath() bool { return strings.ContainsRune(b.Plugin, '/') }

// readPlugin reads one block that names a plugin.
func readPlugin(s hcltext.Section) *PluginBlock {
	b := &PluginBlock{
		Kind: sdk.Kind(s.Grammar.Name), Name: s.Label, Plugin: s.Text("plugin"), Env: s.Texts("env"), Timeout: s.Duration("timeout"),
		MTLS: s.Flag("mtls"), SHA256: strings.ToLower(s.Text("sha256")), Position: s.Position(s.Range), section: s, config: s.Child("config"),
	}
	if b.Kind == sdk.KindHeadSource {
		b.MaxAge, b.Provider = s.Duration("max_age"), s.Text("provider")
	}
	for _, name := range b.Env {
		if !isVariableName(name) {
			s.Fail(s.Written("env").Expr.Range(), "List names only; the values come from the host's own environment.",
				"%q in env is not the name of a variable", strings.SplitN(name, "=", 2)[0])
		}
	}
	return b
}

func isPluginName(text string) bool {
	return text != "" && text != "." && text != ".." && !strings.ContainsRune(text, 0)
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
