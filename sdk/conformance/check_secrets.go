package conformance

import (
	"context"

	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
)

// checkSecrets looks for the values of sensitive attributes in all that the
// plugin has said and logged so far.
func (r *run) checkSecrets(ctx context.Context) error {
	var secrets []block.Secret
	for _, e := range r.usable() {
		secrets = append(secrets, block.Secrets(r.config, e.config)...)
		secrets = append(secrets, block.Secrets(r.target, e.target)...)
	}
	if len(secrets) == 0 {
		return skipped("no example has a sensitive attribute with a value of %d characters or more", block.ShortestSecret)
	}
	r.exercise(ctx)
	hint := "leave it out of every log line, error, diagnostic and answer; of an address show scheme and host only"
	for _, s := range secrets {
		for _, instance := range r.started {
			switch {
			case instance.Said.Has(s.Value):
				return wrong(hint, "an answer or an error holds the value of %s, which is sensitive", s.Attribute)
			case instance.Process != nil && instance.Process.Log.Has(s.Value):
				return wrong(hint, "the log holds the value of %s, which is sensitive", s.Attribute)
			}
		}
	}
	r.note = plural(len(secrets), "value")
	return nil
}
