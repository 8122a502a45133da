package logregexp

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// explainSyntax says what is wrong with an expression, where, and how to mend
// it.
func explainSyntax(text string, err error) (problem, hint string) {
	var wrong *syntax.Error
	if !errors.As(err, &wrong) {
		return fmt.Sprintf("is no regular expression: %v", err), ""
	}
	problem = fmt.Sprintf("is no regular expression: %s", wrong.Code)
	// The parser gives the part that is wrong, or the whole for a mistake that
	// stands nowhere, such as a bracket that is missing.
	if at := strings.Index(text, wrong.Expr); at >= 0 && wrong.Expr != text && wrong.Expr != "" {
		problem += fmt.Sprintf(" at character %d (%q)", len([]rune(text[:at]))+1, wrong.Expr)
	}
	return problem, syntaxHint(wrong.Code)
}

func syntaxHint(code syntax.ErrorCode) string {
	switch code {
	case syntax.ErrInvalidPerlOp:
		return "RE2 has no look-ahead and no look-behind: write what must not stand there as unless."
	case syntax.ErrInvalidNamedCapture:
		return "A group is written (?P<name>...), its name in letters, digits and _."
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen:
		return `A bracket that stands in the text is written [(] or [)].`
	case syntax.ErrMissingBracket, syntax.ErrInvalidCharRange, syntax.ErrInvalidCharClass:
		return `A square bracket that stands in the text is written \\[ in quotes.`
	case syntax.ErrMissingRepeatArgument, syntax.ErrInvalidRepeatOp:
		return `A *, + or ? that stands in the text is written [*], [+] or [?].`
	case syntax.ErrInvalidRepeatSize, syntax.ErrLarge, syntax.ErrNestingDepth:
		return "Repeat fewer times: at most 1000, and less where repetitions nest."
	case syntax.ErrInvalidEscape, syntax.ErrTrailingBackslash:
		return "The syntax is that of RE2; it has no back-references."
	}
	return ""
}
