package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty/function"
)

// Functions are the functions of the language, for another kind of file that is
// written in it, such as a test of rules.
func Functions(env Environment) map[string]function.Function { return functions(env) }

// Suggest is a hint that names the known word nearest to given, or else all
// there are, behind what; for another kind of file in the same language.
func Suggest(given string, known []string, what string) string {
	return suggestion(given, known, what)
}

// Fold is a message of the HCL library as this package words one: the summary
// begins with a small letter, the hint is one line.
func Fold(summary, detail string) (text, hint string) {
	return lowerFirst(strings.TrimSuffix(oneLine(summary), ".")), oneLine(detail)
}

// TooDeep finds the first place of a text that is nested deeper than the parser
// of HCL, which calls itself for each level, can safely take.
func TooDeep(name string, src []byte) (hcl.Range, bool) { return tooDeep(name, src) }
