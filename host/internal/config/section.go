package config

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// section is one block that is being read. A block that is not there is a
// section without content, so that every attribute takes its default.
type section struct {
	*file
	// what names the block in messages.
	what string
	body *hclsyntax.Body
	// at is where something that is missing is reported.
	at    hcl.Range
	given bool
}

func (f *file) section(block *hclsyntax.Block) section {
	return section{file: f, what: describe(block), body: block.Body, at: block.DefRange(), given: true}
}

// child is the block of this type inside, and of this name where one is given.
func (s section) child(blockType string, label ...string) section {
	for _, block := range s.body.Blocks {
		if block.Type == blockType && (len(label) == 0 || len(block.Labels) == 1 && block.Labels[0] == label[0]) {
			return s.file.section(block)
		}
	}
	return section{file: s.file, what: blockType, body: &hclsyntax.Body{}, at: s.at}
}

// given is an attribute with its value.
type given struct {
	*hclsyntax.Attribute
	value cty.Value
}

func (g given) at() place { return loud(g.Expr.Range()) }

// attribute evaluates an attribute. ok is false where it is not given, is
// null, or cannot be evaluated; the last has then been reported.
func (s section) attribute(name string) (given, bool) {
	attribute, ok := s.body.Attributes[name]
	if !ok {
		return given{}, false
	}
	value, ok := s.evaluate(attribute, false)
	return given{attribute, value}, ok && !value.IsNull()
}

// evaluate computes the value of an attribute outside of conditions.
func (f *file) evaluate(attribute *hclsyntax.Attribute, quiet bool) (cty.Value, bool) {
	p := place{at: attribute.Expr.Range(), quiet: quiet}
	if variables := attribute.Expr.Variables(); len(variables) > 0 {
		variable := variables[0]
		p.at = variable.SourceRange()
		if quiet {
			f.fail(p, "Text stands in quotes.", "%s must be a value, not a word without quotes", attribute.Name)
		} else {
			f.fail(p, variableHint(variable), "%s cannot be read in %q", traversalText(variable), attribute.Name)
		}
		return cty.DynamicVal, false
	}
	value, diags := attribute.Expr.Value(f.eval)
	f.evaluation(p, diags)
	return value, !diags.HasErrors() && value.IsWhollyKnown()
}

// variableHint says what was probably meant by a word without quotes.
func variableHint(variable hcl.Traversal) string {
	root := variable.RootName()
	switch {
	case len(fileGrammar().homes(root, true)) > 0:
		return "A block is named in heads, parser, action and logs.from only."
	case isFact(root) || root == factRoot:
		return "Facts are read in when and message, and in unless, enabled and lag_above of a rule; this has to be the same at each check."
	}
	return `Text stands in quotes: "` + traversalText(variable) + `".`
}

// refuse reports a value that is not what the attribute takes.
func (s section) refuse(g given, want, hint string) {
	s.fail(g.at(), hint, "%s must be %s, not %s", g.Name, want, show(g.value))
}

// missing reports an attribute that has to be there, unless it is there under a
// misspelt name: one mistake is reported once.
func (s section) missing(name, hint string) {
	if s.misspelt(name) {
		return
	}
	s.fail(loud(s.at), hint, "%s needs %q", s.what, name)
}

// misspelt says whether a word of this body was found unknown and taken for
// this one.
func (s section) misspelt(name string) bool {
	return slices.ContainsFunc(inOrder(s.body), func(attribute *hclsyntax.Attribute) bool {
		at, hint := s.position(attribute.NameRange), didYouMean(attribute.Name, []string{name})
		return hint != "" && slices.ContainsFunc(s.found, func(d Diagnostic) bool {
			return d.Position == at && d.Hint == hint
		})
	})
}

// text reads a string; ok is false where there is none.
func (s section) text(name string) (given, string, bool) {
	g, ok := s.attribute(name)
	if !ok {
		return g, "", false
	}
	text, ok := toText(g.value)
	if !ok {
		s.refuse(g, "a text", "")
	}
	return g, text, ok
}

// flag reads true or false.
func (s section) flag(name string, fallback bool) bool {
	g, ok := s.attribute(name)
	if !ok {
		return fallback
	}
	value, err := convert.Convert(g.value, cty.Bool)
	if err != nil {
		s.refuse(g, "true or false", firstOf(expressionHint(g.value), "Write true or false, without quotes."))
		return fallback
	}
	return value.True()
}

// count reads a whole number that is not negative.
func (s section) count(name string, fallback uint64) uint64 {
	g, ok := s.attribute(name)
	if !ok {
		return fallback
	}
	count, ok := toCount(g.value)
	if !ok {
		s.refuse(g, wantCount, expressionHint(g.value))
		return fallback
	}
	return count
}

func isCount(number *big.Float) bool {
	return number.IsInt() && number.Sign() >= 0 && number.Cmp(new(big.Float).SetUint64(math.MaxUint64)) <= 0
}

// duration reads a duration.
func (s section) duration(name string, fallback time.Duration) time.Duration {
	g, ok := s.attribute(name)
	if !ok {
		return fallback
	}
	d, err := toDuration(g.value)
	if err != nil {
		s.refuse(g, err.Error(), durationHint)
		return fallback
	}
	return d
}

// period reads a duration that is longer than nothing.
func (s section) period(name string, fallback time.Duration) time.Duration {
	d := s.duration(name, fallback)
	if d > 0 {
		return d
	}
	if g, ok := s.attribute(name); ok {
		s.refuse(g, "longer than 0s", "")
	}
	return fallback
}

// texts reads a list of strings; a single one may stand without brackets where
// single is set.
func (s section) texts(name string, single bool) []string {
	g, ok := s.attribute(name)
	if !ok {
		return nil
	}
	if single && g.value.Type() == cty.String {
		return []string{g.value.AsString()}
	}
	all, ok := toTexts(g.value)
	if !ok {
		s.refuse(g, "a list of texts", "Write "+name+` = ["...", "..."].`)
	}
	return all
}

// toTexts reads a list of strings.
func toTexts(value cty.Value) ([]string, bool) {
	if t := value.Type(); !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		return nil, false
	}
	all := []string{}
	for _, element := range value.AsValueSlice() {
		text, ok := toText(element)
		if !ok {
			return nil, false
		}
		all = append(all, text)
	}
	return all, true
}

// show writes a value for a message.
func show(value cty.Value) string {
	const longest = 60
	switch t := value.Type(); {
	case value.IsNull():
		return "null"
	case !value.IsKnown():
		return "unknown"
	case t == cty.String:
		text := value.AsString()
		if runes := []rune(text); len(runes) > longest {
			text = string(runes[:longest]) + "…"
		}
		return strconv.Quote(text)
	case t == cty.Number:
		return numberText(value.AsBigFloat())
	case t == cty.Bool:
		return strconv.FormatBool(value.True())
	case t.IsObjectType() || t.IsMapType():
		return showCollection("map", value)
	}
	return showCollection("list", value)
}

// showCollection says what stands in a collection where texts were wanted.
func showCollection(what string, value cty.Value) string {
	if !value.CanIterateElements() {
		return "a " + what
	}
	for it := value.ElementIterator(); it.Next(); {
		switch _, element := it.Element(); {
		case element.IsNull():
			return "a " + what + " with null in it"
		case !element.Type().IsPrimitiveType():
			return "a nested " + what
		}
	}
	return "a " + what
}
