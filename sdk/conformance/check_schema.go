package conformance

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
)

// checkSchema judges what the plugin publishes about its blocks. The host's own
// reading of it came before.
func (r *run) checkSchema(context.Context) error {
	if r.schemaErr != nil {
		return r.schemaErr
	}
	if err := judgeSchema("config", r.config); err != nil {
		return err
	}
	if err := judgeSchema("target", r.target); err != nil {
		return err
	}
	acts := slices.ContainsFunc(r.report.Info.Kinds, func(k sdk.Kind) bool { return k == sdk.KindAction || k == sdk.KindLogSource })
	if !acts && len(r.target.Attributes)+len(r.target.Blocks) > 0 {
		return wrong("only an action and a log source have a target", "the schema describes a target, and the plugin serves %v", r.report.Info.Kinds)
	}
	r.note = fmt.Sprintf("config: %s, target: %s", size(r.config), size(r.target))
	return nil
}

func size(s sdk.Schema) string {
	words := plural(len(s.Attributes), "attribute")
	if len(s.Blocks) > 0 {
		words += " and " + plural(len(s.Blocks), "block")
	}
	return words
}

// secretForm is how attributes that hold a secret are usually called.
var secretForm = regexp.MustCompile(`(^|_)(password|passphrase|secret|token|api_?key|private_key)$`)

// judgeSchema judges the attributes of a block and of those in it.
func judgeSchema(where string, s sdk.Schema) error {
	for _, a := range s.Attributes {
		name := where + "." + a.Name
		switch {
		case a.Required && a.Default != "":
			return wrong("what has a default need not be given: drop one of the two", "%s is required and has a default", name)
		case a.Default != "" && !block.FitsDefault(a):
			return wrong(fmt.Sprintf("default_json holds a JSON value of type %s", a.Type), "the default of %s is %s, not of type %s", name, excerpt([]byte(a.Default)), a.Type)
		case len(a.Allowed) > 0 && a.Type != sdk.TypeString && a.Type != sdk.TypeStringList:
			return wrong("allowed is for strings and lists of them", "%s is of type %s and lists allowed values", name, a.Type)
		case a.Type == sdk.TypeString && !a.Sensitive && secretForm.MatchString(a.Name):
			return wrong("say that it is sensitive, so that its value is never shown", "%s holds a secret by its name, and is not sensitive", name)
		}
	}
	for _, b := range s.Blocks {
		if err := judgeSchema(where+"."+b.Name, b.Schema); err != nil {
			return err
		}
	}
	return nil
}
