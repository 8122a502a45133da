package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// maxDuration is above anything that makes sense and below what could
// overflow.
const maxDuration = 10 * 365 * 24 * time.Hour

// durationHint says how a duration is written.
const durationHint = `A duration is written "90s", "5m", "1h30m" or as a number of seconds.`

// The reasons why a value is no duration, as what it should have been. They do
// not quote it, as it may be secret.
var (
	errNoDuration = errors.New("a duration")
	errNegative   = errors.New("a duration, 0 or above")
	errTooLong    = errors.New("a duration of at most ten years")
)

// toDuration reads a duration: a text such as "90s", or a number of seconds,
// also as a text.
func toDuration(value cty.Value) (time.Duration, error) {
	if value.IsNull() || !value.IsKnown() || (value.Type() != cty.String && value.Type() != cty.Number) {
		return 0, errNoDuration
	}
	if value.Type() == cty.Number {
		seconds, _ := value.AsBigFloat().Float64()
		return fromSeconds(seconds)
	}
	text := strings.TrimSpace(value.AsString())
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return fromSeconds(seconds)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errNoDuration
	}
	return fromSeconds(d.Seconds())
}

// isDuration says whether a word is a duration with its unit.
func isDuration(word string) bool {
	_, err := time.ParseDuration(word)
	return err == nil && word != "0"
}

func fromSeconds(seconds float64) (time.Duration, error) {
	switch {
	case math.IsNaN(seconds):
		return 0, errNoDuration
	case seconds < 0:
		return 0, errNegative
	case seconds > maxDuration.Seconds():
		return 0, errTooLong
	}
	return time.Duration(math.Round(seconds * float64(time.Second))), nil
}

// seconds writes a duration as the sentences do, with a fraction only where
// there is one.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}
