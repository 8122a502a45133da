// Package answer reads what nodes and their providers answer: JSON whose numbers
// stay as they stand, block heights, and the errors and refusals that come in
// place of an answer, with the pause that they ask for.
//
// It sends nothing and knows no chain. Whatever it repeats of an answer has
// gone through the quoting that it is given.
package answer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Quote makes a piece of a foreign answer fit for an error.
type Quote func(text []byte) string

// Decode reads an answer. Numbers stay as they stand, as [json.Number]: a
// float64 would round them.
func Decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var answer any
	if err := decoder.Decode(&answer); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return answer, nil
}

// Integer reads a whole number: a JSON number, or a text of decimal or 0x hex
// digits.
func Integer(value any, quote Quote) (uint64, error) {
	var text string
	switch value := value.(type) {
	case json.Number:
		text = string(value)
	case string:
		text = value
	default:
		return 0, fmt.Errorf("is no number: %s", Describe(value, quote))
	}
	digits, base := text, 10
	if hex, ok := cutHex(text); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("is too large for a number of 64 bits: %s", quote([]byte(text)))
	case err != nil:
		return 0, fmt.Errorf("is no whole number, zero or more: %s", quote([]byte(text)))
	}
	return n, nil
}

func cutHex(text string) (string, bool) {
	if hex, ok := strings.CutPrefix(text, "0x"); ok {
		return hex, true
	}
	return strings.CutPrefix(text, "0X")
}

// mostHeight is the highest block that is believed: what is more cannot be told
// from its neighbours by rules, which reckon in floating point, and no chain
// comes near.
const mostHeight = 1<<53 - 1

// JudgeHeight says why a number is no head of a network. Block 0 is none: it is
// what a node says before it has synced anything.
func JudgeHeight(n uint64) error {
	switch {
	case n == 0:
		return errors.New("is block 0, which is no head of a network")
	case n > mostHeight:
		return fmt.Errorf("is %d, which is more than any block", n)
	}
	return nil
}

// mostKeys is how many keys of an object an error names.
const mostKeys = 12

// Describe says what stands somewhere in an answer.
func Describe(value any, quote Quote) string {
	switch value := value.(type) {
	case nil:
		return "it is null"
	case bool:
		return fmt.Sprintf("it is %t", value)
	case json.Number:
		return "it is the number " + quote([]byte(value))
	case string:
		return "it is the text " + quote([]byte(value))
	case []any:
		return fmt.Sprintf("it is a list of %d", len(value))
	case map[string]any:
		keys := slices.Sorted(maps.Keys(value))
		if len(keys) == 0 {
			return "it is an empty object"
		}
		more := ""
		if len(keys) > mostKeys {
			keys, more = keys[:mostKeys], " and more"
		}
		return "it has " + quote([]byte(strings.Join(keys, " "))) + more
	}
	return fmt.Sprintf("it is a %T", value)
}
