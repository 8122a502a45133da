package scenario

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// longest bounds the distance of a moment from the start of its history.
const longest = 10 * 365 * 24 * time.Hour

// momentHint says how a moment is written.
const momentHint = `A time is written "25m" or "1h30m" after the start, "-3h" before it, as a number of seconds, or as "2025-03-01T12:25:00Z".`

var errMoment = errors.New("a time")

// toMoment reads a moment as its distance from the start of the history.
func toMoment(value cty.Value, start time.Time) (time.Duration, error) {
	if value.IsNull() || !value.IsKnown() || (value.Type() != cty.String && value.Type() != cty.Number) {
		return 0, errMoment
	}
	if value.Type() == cty.Number {
		seconds, _ := value.AsBigFloat().Float64()
		return fromSeconds(seconds)
	}
	text := strings.TrimSpace(value.AsString())
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.Sub(start), nil
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return fromSeconds(seconds)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errMoment
	}
	return fromSeconds(d.Seconds())
}

func fromSeconds(seconds float64) (time.Duration, error) {
	switch {
	case math.IsNaN(seconds):
		return 0, errMoment
	case math.Abs(seconds) > longest.Seconds():
		return 0, fmt.Errorf("%w within ten years of the start", errMoment)
	}
	return time.Duration(math.Round(seconds * float64(time.Second))), nil
}

// moments reads a moment or a list of them.
func (b block) moments(name string) ([]time.Duration, bool) {
	return b.readMoments(name, "%s must be %v, or a list of them")
}

func (b block) readMoments(name, otherwise string) ([]time.Duration, bool) {
	value, at, ok := b.fixed(name)
	if !ok {
		return nil, false
	}
	elements := []cty.Value{value}
	if t := value.Type(); t.IsTupleType() || t.IsListType() || t.IsSetType() {
		elements = value.AsValueSlice()
	}
	all := []time.Duration{}
	for _, element := range elements {
		moment, err := toMoment(element, b.values.start)
		if err != nil {
			b.fail(at, momentHint, otherwise, name, err)
			return nil, false
		}
		all = append(all, moment)
	}
	return all, true
}

// moment reads one moment.
func (b block) moment(name string) (time.Duration, bool) {
	all, ok := b.readMoments(name, "%s must be %v")
	if !ok {
		return 0, false
	}
	if len(all) != 1 {
		_, at, _ := b.fixed(name)
		b.fail(at, momentHint, "%s must be one time", name)
		return 0, false
	}
	return all[0], true
}

// Offset writes a distance from the start of a history as a test does.
func Offset(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func offsets(all []time.Duration) string {
	texts := make([]string, len(all))
	for i, d := range all {
		texts[i] = Offset(d)
	}
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}
