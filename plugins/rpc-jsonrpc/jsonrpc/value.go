package jsonrpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// mostHeight is the highest block that is believed: what is more cannot be told
// from its neighbours by rules, which reckon in floating point, and no chain
// comes near.
const mostHeight = 1<<53 - 1

// height reads a block number: a JSON number, or a text of decimal or 0x hex
// digits. Block 0 is none: it is what a node says before it has synced
// anything.
func height(value any, quote quoteFunc) (uint64, error) {
	n, err := integer(value, quote)
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, errors.New("is block 0, which is no head of a network")
	case n > mostHeight:
		return 0, fmt.Errorf("is %d, which is more than any block", n)
	}
	return n, nil
}

func integer(value any, quote quoteFunc) (uint64, error) {
	var text string
	switch value := value.(type) {
	case json.Number:
		text = string(value)
	case string:
		text = value
	default:
		return 0, fmt.Errorf("is no number: %s", describe(value, quote))
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

// zoneless are stamps without a zone; chains that write them mean UTC.
const zoneless = "2006-01-02T15:04:05.999999999"

// Where a number of seconds since 1970 would be the year 5138, it is taken for
// milliseconds, and so on.
const (
	tooManySeconds = 1e11
	tooManyMillis  = 1e14
	tooManyMicros  = 1e17
)

var fractionForm = regexp.MustCompile(`^\d+\.\d+$`)

// moment reads the time of a block: RFC 3339, or seconds, milli-, micro- or
// nanoseconds since 1970, told apart by their size, in one of the forms of a
// number. Seconds may have a fraction, which is dropped.
func moment(value any, quote quoteFunc) (time.Time, error) {
	text, isText := value.(string)
	if isText {
		for _, layout := range []string{time.RFC3339Nano, zoneless} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC(), nil
			}
		}
	}
	if number, ok := value.(json.Number); ok {
		text = string(number)
	}
	if fractionForm.MatchString(text) {
		whole, _, _ := strings.Cut(text, ".")
		value = json.Number(whole)
	}
	n, err := integer(value, quote)
	switch {
	case err != nil || n > math.MaxInt64:
		return time.Time{}, fmt.Errorf("is no time: %s", describe(value, quote))
	case n < tooManySeconds:
		return time.Unix(int64(n), 0).UTC(), nil
	case n < tooManyMillis:
		return time.UnixMilli(int64(n)).UTC(), nil
	case n < tooManyMicros:
		return time.UnixMicro(int64(n)).UTC(), nil
	}
	return time.Unix(0, int64(n)).UTC(), nil
}

var hashForm = regexp.MustCompile(`^[0-9A-Za-z+/=_:.-]{1,200}$`)

// hashOf reads what names a block: one word.
func hashOf(value any, quote quoteFunc) (string, error) {
	text, ok := value.(string)
	if !ok || !hashForm.MatchString(text) {
		return "", fmt.Errorf("is no hash: %s", describe(value, quote))
	}
	return text, nil
}

// syncing reads whether an endpoint says that it is behind: true or false, or,
// as Ethereum nodes say it, an object while it is.
func syncing(value any, quote quoteFunc) (bool, error) {
	switch value := value.(type) {
	case bool:
		return value, nil
	case map[string]any:
		return true, nil
	}
	return false, fmt.Errorf("is neither true, false nor an object: %s", describe(value, quote))
}

// chainOf reads what names a chain: a text or a number.
func chainOf(value any, quote quoteFunc) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case json.Number:
		return string(value), nil
	}
	return "", fmt.Errorf("names no chain: %s", describe(value, quote))
}

// sameChain compares names of chains: numbers by their value, hexadecimal or
// not, and else letter by letter.
func sameChain(got, want string) bool {
	plain := func([]byte) string { return "" }
	a, errA := integer(got, plain)
	b, errB := integer(want, plain)
	if errA == nil && errB == nil {
		return a == b
	}
	return got == want
}
