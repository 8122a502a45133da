package config

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// didYouMean is a hint that names the known word nearest to given, or empty
// where none is near.
func didYouMean(given string, known []string) string {
	best, nearest := 0.0, ""
	for _, word := range known {
		near := levenshtein.Match(strings.ToLower(given), strings.ToLower(word), nil)
		if near > best {
			best, nearest = near, word
		}
	}
	// Below this, words of the language that have nothing to do with each
	// other begin to match.
	if best < 0.7 {
		return ""
	}
	return fmt.Sprintf("Did you mean %q?", nearest)
}

// suggestion is didYouMean, or else the list of what there is.
func suggestion(given string, known []string, what string) string {
	if hint := didYouMean(given, known); hint != "" {
		return hint
	}
	if len(known) == 0 {
		return ""
	}
	return what + " " + strings.Join(known, ", ") + "."
}
