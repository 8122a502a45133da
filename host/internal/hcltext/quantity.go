package hcltext

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// maxDuration is longer than anyone needs and short enough not to overflow.
const maxDuration = 10 * 365 * 24 * time.Hour

// DurationHint says how a duration is written.
const DurationHint = `A duration is written "90s", "5m", "1h30m" or as a number of seconds.`

// The errors say what a value should have been. They do not quote it, because it may
// be secret.
var (
	ErrNoDuration = errors.New("a duration")
	errNegative   = errors.New("a duration, 0 or above")
	errTooLong    = errors.New("a duration of at most ten years")
)

// ToDuration reads a duration: a text such as "90s" or "1d12h", or a number of
// seconds, also as a text.
func ToDuration(value cty.Value) (time.Duration, error) {
	d, err := ToDistance(value)
	if err == nil && d < 0 {
		return 0, errNegative
	}
	return d, err
}

// ToDistance reads a duration that may be negative.
func ToDistance(value cty.Value) (time.Duration, error) {
	if value.IsNull() || !value.IsKnown() || (value.Type() != cty.String && value.Type() != cty.Number) {
		return 0, ErrNoDuration
	}
	if value.Type() == cty.Number {
		seconds, _ := value.AsBigFloat().Float64()
		return fromSeconds(seconds)
	}
	text := strings.TrimSpace(value.AsString())
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return fromSeconds(seconds)
	}
	days, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		days, rest = "0", text
	}
	number, err := strconv.ParseFloat(days, 64)
	if err != nil {
		return 0, ErrNoDuration
	}
	var within time.Duration
	if rest = strings.TrimSpace(rest); rest != "" || !hasDays {
		if within, err = time.ParseDuration(rest); err != nil {
			return 0, ErrNoDuration
		}
	}
	return fromSeconds(number*(24*time.Hour).Seconds() + within.Seconds())
}

func fromSeconds(seconds float64) (time.Duration, error) {
	switch {
	case math.IsNaN(seconds):
		return 0, ErrNoDuration
	case math.Abs(seconds) > maxDuration.Seconds():
		return 0, errTooLong
	}
	return time.Duration(math.Round(seconds * float64(time.Second))), nil
}

// IsDuration says whether a text is a duration with its unit.
func IsDuration(text string) bool {
	_, err := ToDuration(cty.StringVal(text))
	return err == nil && strings.ContainsAny(text, "dhms")
}

// Seconds writes a duration in seconds, as the sentences of the log do.
func Seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}

// mostSize is above any disk, and below what could overflow.
const mostSize = 1 << 60

const sizeHint = `A size is written "500MB", "2GB" or as a number of bytes.`

// sizeForm is a size as it is written.
var sizeForm = regexp.MustCompile(`^\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*$`)

// sizeUnits are the units of a size.
func sizeUnits() map[string]float64 {
	return map[string]float64{"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}
}

// toSize reads a number of bytes.
func toSize(value cty.Value) (int64, bool) {
	text, _ := ToText(value)
	bytes := sizeOf(text)
	return int64(bytes), bytes >= 0 && bytes < mostSize
}

// sizeOf is a number with or without a unit of size; -1 for anything else.
func sizeOf(text string) float64 {
	parts := sizeForm.FindStringSubmatch(text)
	if parts == nil {
		return -1
	}
	unit, known := sizeUnits()[strings.ToUpper(parts[2])]
	number, err := strconv.ParseFloat(parts[1], 64)
	if !known || err != nil {
		return -1
	}
	return number * unit
}
