package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/sdk"
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
		value := parsed(a.Default)
		switch {
		case a.Required && a.Default != "":
			return wrong("what has a default need not be given: drop one of the two", "%s is required and has a default", name)
		case a.Default != "" && value != nil && !fits(a, value):
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

// fits says whether a JSON value is of an attribute's type.
func fits(a sdk.Attribute, value any) bool {
	switch a.Type {
	case sdk.TypeString:
		return fitsText(a, value)
	case sdk.TypeBool:
		_, ok := value.(bool)
		return ok
	case sdk.TypeStringList:
		list, ok := value.([]any)
		return ok && !slices.ContainsFunc(list, func(value any) bool { return !fitsText(a, value) })
	case sdk.TypeStringMap:
		values, ok := value.(map[string]any)
		for _, each := range values {
			ok = ok && !isNoString(each)
		}
		return ok
	}
	number, ok := value.(json.Number)
	if !ok {
		return false
	}
	f, err := number.Float64()
	switch a.Type {
	case sdk.TypeInteger:
		_, signed := strconv.ParseInt(number.String(), 10, 64)
		_, unsigned := strconv.ParseUint(number.String(), 10, 64)
		return signed == nil || unsigned == nil
	case sdk.TypeDuration:
		return err == nil && f >= 0
	}
	return err == nil
}

// fitsText says whether a value is a text, and one of those that may be.
func fitsText(a sdk.Attribute, value any) bool {
	text, ok := value.(string)
	return ok && (len(a.Allowed) == 0 || slices.Contains(a.Allowed, text))
}

func isNoString(value any) bool {
	_, ok := value.(string)
	return !ok
}

// unfit says what of an object does not fit a schema; empty where all does.
func unfit(s sdk.Schema, o object, path []string) string {
	at := func(name string) string { return strings.Join(append(slices.Clone(path), name), ".") }
	known := map[string]bool{}
	for _, a := range s.Attributes {
		value, given := o[a.Name]
		known[a.Name] = true
		switch {
		case !given && a.Required:
			return at(a.Name) + " is missing"
		case given && value != nil && !fits(a, value):
			return fmt.Sprintf("%s is not of type %s, or not allowed", at(a.Name), a.Type)
		}
	}
	for _, b := range s.Blocks {
		known[b.Name] = true
		blocks := blocksOf(o[b.Name])
		if b.Required && len(blocks) == 0 {
			return at(b.Name) + " is missing"
		}
		if _, isList := o[b.Name].([]any); len(blocks) > 0 && isList != b.Repeated {
			return at(b.Name) + " must be an object where the block is not repeated, and an array of objects where it is"
		}
		for _, inner := range blocks {
			if found := unfit(b.Schema, inner, append(slices.Clone(path), b.Name)); found != "" {
				return found
			}
		}
	}
	for name := range o {
		if !known[name] {
			return at(name) + " is not in it"
		}
	}
	return ""
}
