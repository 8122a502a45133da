package hcltext

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// enoughMatch is how similar words must be. With a lower value, unrelated words match.
const enoughMatch = 0.7

// DidYouMean is a hint that names the known word nearest to given, or empty
// where none is near.
func DidYouMean(given string, known []string) string {
	best, nearest := 0.0, ""
	for _, word := range known {
		a, b := strings.ToLower(given), strings.ToLower(word)
		near := levenshtein.Match(a, b, nil)
		// Two swapped letters count as two edits, which is much in a short word.
		if len(a) == len(b) && len(a) > 3 && levenshtein.Distance(a, b, nil) <= 2 {
			near = max(near, enoughMatch)
		}
		if near > best {
			best, nearest = near, word
		}
	}
	if best < enoughMatch {
		return ""
	}
	return fmt.Sprintf("Did you mean %q?", nearest)
}

// Suggest is [DidYouMean], or else the list of all known words; what begins it.
func Suggest(given string, known []string, what string) string {
	if hint := DidYouMean(given, known); hint != "" {
		return hint
	}
	if len(known) == 0 {
		return ""
	}
	return what + " " + strings.Join(known, ", ") + "."
}
