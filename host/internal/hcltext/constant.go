package hcltext

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Constant is the value of an attribute that reads nothing but the environment.
// What is wrong is reported.
func (f *File) Constant(attribute *hclsyntax.Attribute, quiet bool) (cty.Value, bool) {
	if variables := attribute.Expr.Variables(); len(variables) > 0 {
		f.wordInValue(attribute, variables[0], quiet)
		return cty.DynamicVal, false
	}
	value, diags := attribute.Expr.Value(f.Eval)
	f.ReportHCL(Place{attribute.Expr.Range(), quiet}, diags)
	return value, !diags.HasErrors() && value.IsWhollyKnown()
}

// variableName is how variables of the environment are named by custom.
var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// wordInValue reports a word without quotes in an attribute that takes a value.
// One that may be a secret whose quotes were forgotten is not shown.
func (f *File) wordInValue(attribute *hclsyntax.Attribute, word hcl.Traversal, quiet bool) {
	p, text := Place{word.SourceRange(), quiet}, TraversalText(word)
	_, whole := attribute.Expr.(*hclsyntax.TemplateWrapExpr)
	_, inText := attribute.Expr.(*hclsyntax.TemplateExpr)
	isVariable := variableName.MatchString(text)
	switch {
	case isVariable && (whole || inText || !quiet):
		call := "env(" + quote(text) + ")"
		if inText {
			call = "${" + call + "}"
		}
		f.Report(SeverityError, p, "Write "+call+" for the variable of the environment.", text+" cannot be read in "+quote(attribute.Name))
	case quiet:
		f.Report(SeverityError, p, `Text stands in quotes; a variable of the environment is read with env("NAME").`,
			attribute.Name+" must be a value, not a word without quotes")
	default:
		hint := `Text stands in quotes: "` + text + `".`
		if f.WordHint != nil {
			hint = FirstOf(f.WordHint(word), hint)
		}
		f.Report(SeverityError, p, hint, text+" cannot be read in "+quote(attribute.Name))
	}
}

// StepName is the name in .name or ["name"].
func StepName(step hcl.Traverser) (string, bool) {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String {
			return step.Key.AsString(), true
		}
	}
	return "", false
}

// TraversalText writes a traversal as it stands in a file, as far as it is made
// of names.
func TraversalText(traversal hcl.Traversal) string {
	names := []string{traversal.RootName()}
	for _, step := range traversal[1:] {
		name, ok := StepName(step)
		if !ok {
			break
		}
		names = append(names, name)
	}
	return strings.Join(names, ".")
}
