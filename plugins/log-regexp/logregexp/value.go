package logregexp

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// readCount reads a whole number: 15500464, 15,500,464 or 0xec9a10.
func readCount(text []byte) (uint64, bool) {
	plain, ok := withoutSeparators(text)
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := cutHex(plain); ok {
		plain, base = hex, 16
	}
	if plain == "" || plain[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseUint(plain, base, 64)
	return n, err == nil
}

// readNumber reads a number: one that readCount reads, -1.5, 1e-3.
func readNumber(text []byte) (float64, bool) {
	if n, ok := readCount(text); ok {
		return float64(n), true
	}
	plain, ok := withoutSeparators(text)
	if !ok || strings.Trim(plain, "0123456789.eE+-") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(plain, 64)
	return n, err == nil && isFinite(n)
}

func isFinite(n float64) bool { return !math.IsNaN(n) && !math.IsInf(n, 0) }

func cutHex(text string) (string, bool) {
	if hex, ok := strings.CutPrefix(text, "0x"); ok {
		return hex, true
	}
	return strings.CutPrefix(text, "0X")
}

// withoutSeparators takes the separators of thousands out of a number: "15,500"
// and "15_500" are 15500. A comma in any other place is none, and not ok.
func withoutSeparators(text []byte) (string, bool) {
	text = bytes.TrimSpace(text)
	if !bytes.ContainsAny(text, ",_'") {
		return string(text), true
	}
	plain := make([]byte, 0, len(text))
	for i, c := range text {
		switch {
		case c != ',' && c != '_' && c != '\'':
			plain = append(plain, c)
		case i == 0 || !isDigit(text[i-1]) || digits(text[i+1:]) != 3:
			return "", false
		}
	}
	return string(plain), true
}

// digits is how many digits text starts with.
func digits(text []byte) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

// readDuration reads a time in seconds: 25.7ms, 1h3m20s, 3 hrs 12 mins, and a
// number alone.
func readDuration(text []byte) (float64, bool) {
	if seconds, ok := readNumber(text); ok {
		return seconds, true
	}
	total := 0.0
	rest := bytes.TrimSpace(text)
	for len(rest) > 0 {
		number, unit, after := cutMeasure(rest)
		n, ok := readNumber(number)
		seconds := secondsOf(string(unit))
		if !ok || seconds == 0 {
			return 0, false
		}
		total += n * seconds
		rest = bytes.TrimLeft(after, " ,")
	}
	return total, len(bytes.TrimSpace(text)) > 0 && isFinite(total)
}

// cutMeasure cuts "3 hrs" off text, at the end of the letters behind the number.
func cutMeasure(text []byte) (number, unit, rest []byte) {
	n := 0
	for n < len(text) && (isDigit(text[n]) || text[n] == '.' || text[n] == ',') {
		n++
	}
	number, rest = text[:n], bytes.TrimLeft(text[n:], " ")
	n = 0
	for n < len(rest) && (isLetter(rest[n]) || rest[n] > 0x7f) {
		n++
	}
	return number, rest[:n], rest[n:]
}

// secondsOf is how long a unit of time lasts, 0 where it is none.
func secondsOf(unit string) float64 {
	const day = 86400
	switch unit {
	case "ns":
		return 1e-9
	case "us", "µs", "μs":
		return 1e-6
	case "ms":
		return 1e-3
	case "s", "sec", "secs", "second", "seconds":
		return 1
	case "m", "min", "mins", "minute", "minutes":
		return 60
	case "h", "hr", "hrs", "hour", "hours":
		return 3600
	case "d", "day", "days":
		return day
	case "w", "wk", "wks", "week", "weeks":
		return 7 * day
	case "mo", "month", "months":
		return 30 * day
	case "y", "yr", "yrs", "year", "years":
		return 365 * day
	}
	return 0
}

// readQuantity reads a number with a unit and gives it in the unit without its
// prefix: 1.2MiB/s, 12 kB, 402.41Mgas, 9 B/s, and a number alone.
func readQuantity(text []byte) (float64, bool) {
	if number, ok := readNumber(text); ok {
		return number, true
	}
	text = bytes.TrimSpace(text)
	n := 0
	for n < len(text) && (isDigit(text[n]) || bytes.IndexByte([]byte(".,_'+-"), text[n]) >= 0) {
		n++
	}
	number, ok := readNumber(text[:n])
	if !ok {
		return 0, false
	}
	unit := bytes.TrimLeft(text[n:], " ")
	number *= prefixFactor(string(unit))
	return number, isFinite(number)
}

// prefixFactor is what the prefix of a unit stands for, 1 where it has none.
func prefixFactor(unit string) float64 {
	if unit == "" {
		return 1
	}
	power := strings.IndexByte("kMGTPE", unit[0]) + 1
	if unit[0] == 'K' {
		power = 1
	}
	if len(unit) > 1 && unit[1] == 'i' {
		return math.Pow(1024, float64(power))
	}
	return math.Pow(1000, float64(power))
}

// readTruth reads a yes or a no.
func readTruth(text []byte) (truth, ok bool) {
	switch strings.ToLower(string(bytes.TrimSpace(text))) {
	case "true", "yes", "on", "1":
		return true, true
	case "false", "no", "off", "0":
		return false, true
	}
	return false, false
}
