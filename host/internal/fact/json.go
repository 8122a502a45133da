package fact

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// MarshalJSON writes the facts as one object in their order. An unknown fact is
// null, a number of blocks an integer, an infinite time "inf".
func (l List) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range l {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendText(b, f.Name); err != nil {
			return nil, err
		}
		if b, err = f.AppendJSON(append(b, ':')); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// AppendJSON appends the value alone.
func (f Fact) AppendJSON(b []byte) ([]byte, error) {
	switch {
	case !f.Known:
		return append(b, "null"...), nil
	case f.Kind == Blocks:
		return strconv.AppendUint(b, f.Count, 10), nil
	case f.Kind == Truth:
		return strconv.AppendBool(b, f.Truth), nil
	case f.Kind == Text:
		return appendText(b, f.Text)
	case math.IsInf(f.Number, 1):
		return append(b, `"inf"`...), nil
	case math.IsInf(f.Number, -1):
		return append(b, `"-inf"`...), nil
	}
	return appendNumber(b, micros(f.Number))
}

// micros rounds to millionths; a number that is too large to have any stays.
func micros(x float64) float64 {
	if math.Abs(x) > 1e9 {
		return x
	}
	return math.Round(x*1e6) / 1e6
}

// AppendJSON appends a value without HTML escapes and without a line end.
func AppendJSON(dst []byte, value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return dst, err
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...), nil
}

// A verdict has two dozen names and numbers, and a general encoder for each of
// them would spend most of the time of printing one. What is not as plain as
// most is left to it.

// appendText appends a string as JSON.
func appendText(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return AppendJSON(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"'), nil
}

// mostPlain bounds the whole numbers that are written digit by digit.
const mostPlain = 1e15

// appendNumber appends a number as JSON.
func appendNumber(b []byte, x float64) ([]byte, error) {
	if x != math.Trunc(x) || math.Abs(x) > mostPlain || x == 0 && math.Signbit(x) {
		return AppendJSON(b, x)
	}
	return strconv.AppendInt(b, int64(x), 10), nil
}
