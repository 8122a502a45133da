package hcltext

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Constant is the value of an attribute that may read the environment and nothing
// else. It reports what is wrong with the attribute.
func (f *File) Constant(attribute *hclsyntax.Attribute, quiet bool) (cty.Value, bool) {
	if variables := attribute.Expr.Variables(); len(variables) > 0 {
		f.wordInValue(attribute, variables[0], quiet)
		return cty.DynamicVal, false
	}
	value, diags := attribute.Expr.Value(f.Eval)
	f.ReportHCL(Place{attribute.Expr.Range(), quiet}, diags)
	return value, !diags.HasErrors() && value.IsWhollyKnown()
}

// variableName matches the names that variables of the environment have by custom.
var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// wordInValue reports a word without quotes in an attribute that takes a value. The
// word is not shown where it may be a secret whose quotes were forgotten.
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

// TraversalText writes a traversal as it stands in a file, up to the first step that
// is not a name.
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
