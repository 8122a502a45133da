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

// moment is a time as a test writes it: a distance from the start of the history,
// or, where at is set, a time of its own.
type moment struct {
	after time.Duration
	at    time.Time
}

// from is its distance from a start.
func (m moment) from(start time.Time) time.Duration {
	if m.at.IsZero() {
		return m.after
	}
	return m.at.Sub(start)
}

func distances(all []moment, start time.Time) []time.Duration {
	from := make([]time.Duration, len(all))
	for i, m := range all {
		from[i] = m.from(start)
	}
	return from
}

// toMoment reads a moment.
func toMoment(value cty.Value) (moment, error) {
	if value.IsNull() || !value.IsKnown() || (value.Type() != cty.String && value.Type() != cty.Number) {
		return moment{}, errMoment
	}
	if value.Type() == cty.Number {
		seconds, _ := value.AsBigFloat().Float64()
		return fromSeconds(seconds)
	}
	text := strings.TrimSpace(value.AsString())
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return moment{at: at}, nil
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return fromSeconds(seconds)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return moment{}, errMoment
	}
	return fromSeconds(d.Seconds())
}

func fromSeconds(seconds float64) (moment, error) {
	switch {
	case math.IsNaN(seconds):
		return moment{}, errMoment
	case math.Abs(seconds) > longest.Seconds():
		return moment{}, fmt.Errorf("%w within ten years of the start", errMoment)
	}
	return moment{after: time.Duration(math.Round(seconds * float64(time.Second)))}, nil
}

// moments reads a moment or a list of them.
func (b block) moments(name string) ([]moment, bool) {
	return b.readMoments(name, "%s must be %v, or a list of them")
}

func (b block) readMoments(name, otherwise string) ([]moment, bool) {
	value, at, ok := b.fixed(name)
	if !ok {
		return nil, false
	}
	elements := []cty.Value{value}
	if t := value.Type(); t.IsTupleType() || t.IsListType() || t.IsSetType() {
		elements = value.AsValueSlice()
	}
	all := []moment{}
	for _, element := range elements {
		m, err := toMoment(element)
		if err != nil {
			b.fail(at, momentHint, otherwise, name, err)
			return nil, false
		}
		all = append(all, m)
	}
	return all, true
}

// someMoments reads a list of moments of which there must be one at least.
func (b block) someMoments(name string) ([]moment, bool) {
	all, ok := b.moments(name)
	if ok && len(all) == 0 {
		_, at, _ := b.fixed(name)
		b.fail(at, "", "%s names no time", name)
	}
	return all, ok && len(all) > 0
}

// moment reads one moment.
func (b block) moment(name string) (m moment, ok bool) {
	all, ok := b.readMoments(name, "%s must be %v")
	if !ok {
		return m, false
	}
	if len(all) != 1 {
		_, at, _ := b.fixed(name)
		b.fail(at, momentHint, "%s must be one time", name)
		return m, false
	}
	return all[0], true
}

// after reads one moment as its distance from the start of the history.
func (b block) after(name string) (time.Duration, bool) {
	m, ok := b.moment(name)
	return m.from(b.values.start), ok
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
