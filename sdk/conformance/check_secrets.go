package conformance

import (
	"context"
	"net/url"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// shortest is the length of the shortest value that counts as a secret: what is
// shorter may stand anywhere by chance.
const shortest = 8

// secret is what must not be said.
type secret struct{ attribute, value string }

// checkSecrets looks for the values of sensitive attributes in all that the
// plugin has said and logged so far.
func (r *run) checkSecrets(ctx context.Context) error {
	var secrets []secret
	for _, e := range r.usable() {
		secrets = append(secrets, secretsIn(r.config, e.config)...)
		secrets = append(secrets, secretsIn(r.target, e.target)...)
	}
	if len(secrets) == 0 {
		return skipped("no example has a sensitive attribute with a value of %d characters or more", shortest)
	}
	r.exercise(ctx)
	hint := "leave it out of every log line, error, diagnostic and answer; of an address show scheme and host only"
	for _, s := range secrets {
		for _, instance := range r.started {
			switch {
			case instance.said.has(s.value):
				return wrong(hint, "an answer or an error holds the value of %s, which is sensitive", s.attribute)
			case instance.process != nil && instance.process.log.has(s.value):
				return wrong(hint, "the log holds the value of %s, which is sensitive", s.attribute)
			}
		}
	}
	r.note = plural(len(secrets), "value")
	return nil
}

// secretsIn are the values of a block, and of those in it, that must not be
// said.
func secretsIn(s sdk.Schema, o object) []secret {
	var all []secret
	for _, a := range s.Attributes {
		if !a.Sensitive || a.Type == sdk.TypeString && o[a.Name] == parsed(a.Default) {
			continue // a default is no secret
		}
		for _, text := range textsOf(o[a.Name]) {
			for _, part := range secretParts(text) {
				all = append(all, secret{a.Name, part})
			}
		}
	}
	for _, b := range s.Blocks {
		for _, inner := range blocksOf(o[b.Name]) {
			all = append(all, secretsIn(b.Schema, inner)...)
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
		if len(part) >= shortest {
			long = append(long, part)
		}
	}
	return long
}
