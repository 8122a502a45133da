package block

import (
	"net/url"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// ShortestSecret is the length of the shortest value that counts as a secret:
// what is shorter may stand anywhere by chance.
const ShortestSecret = 8

// Secret is what must not be said.
type Secret struct{ Attribute, Value string }

// Secrets are the values of a block, and of those in it, that must not be said.
func Secrets(s sdk.Schema, o Object) []Secret {
	var all []Secret
	for _, a := range s.Attributes {
		if !a.Sensitive || a.Type == sdk.TypeString && o[a.Name] == parsed(a.Default) {
			continue // a default is no secret
		}
		for _, text := range textsOf(o[a.Name]) {
			for _, part := range secretParts(text) {
				all = append(all, Secret{a.Name, part})
			}
		}
	}
	for _, b := range s.Blocks {
		for _, inner := range blocksOf(o[b.Name]) {
			all = append(all, Secrets(b.Schema, inner)...)
		}
	}
	return all
}

// textsOf are the texts in a value.
func textsOf(value any) []string {
	var texts []string
	switch value := value.(type) {
	case string:
		texts = append(texts, value)
	case []any:
		for _, each := range value {
			texts = append(texts, textsOf(each)...)
		}
	case map[string]any:
		for _, each := range value {
			texts = append(texts, textsOf(each)...)
		}
	}
	return texts
}

// secretParts are the parts of a text that must not be said: of an address all
// but scheme and host.
func secretParts(text string) []string {
	parts := []string{text}
	if u, err := url.Parse(text); err == nil && u.Scheme != "" && u.Host != "" {
		password, _ := u.User.Password()
		parts = []string{password, strings.Trim(u.EscapedPath(), "/"), u.RawQuery}
	}
	var long []string
	for _, part := range parts {
		if len(part) >= ShortestSecret {
			long = append(long, part)
		}
	}
	return long
}
