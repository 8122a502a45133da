package rule

import (
	"math"
	"strconv"
)

// A verdict has two dozen names and numbers, and a general encoder for each of
// them would spend most of the time of printing one. What is not as plain as
// most is left to it.

// appendText appends a string as JSON.
func appendText(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendJSON(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"'), nil
}

// mostPlain bounds the whole numbers that are written digit by digit.
const mostPlain = 1e15

// appendNumber appends a number as JSON.
func appendNumber(b []byte, x float64) ([]byte, error) {
	if x != math.Trunc(x) || math.Abs(x) > mostPlain || x == 0 && math.Signbit(x) {
		return appendJSON(b, x)
	}
	return strconv.AppendInt(b, int64(x), 10), nil
}
