package scenario

import (
	"errors"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

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

func toMoment(value cty.Value) (moment, error) {
	if text, ok := hcltext.ToText(value); ok {
		if at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(text)); err == nil {
			return moment{at: at}, nil
		}
	}
	d, err := hcltext.ToDistance(value)
	if err != nil {
		return moment{}, errMoment
	}
	return moment{after: d}, nil
}

// readMoments reads a moment or a list of them; ok is false where there is none.
func readMoments(s hcltext.Section, name string) (all []moment, ok bool) {
	value, ok := s.Raw(name)
	if !ok {
		return nil, false
	}
	elements := []cty.Value{value}
	if hcltext.IsList(value.Type()) {
		elements = value.AsValueSlice()
	}
	for _, element := range elements {
		m, err := toMoment(element)
		if err != nil {
			s.Refuse(name, "a time, or a list of them", momentHint)
			return nil, false
		}
		all = append(all, m)
	}
	return all, true
}

// readMoment reads one moment.
func readMoment(s hcltext.Section, name string) (m moment, ok bool) {
	value, ok := s.Raw(name)
	if !ok {
		return m, false
	}
	m, err := toMoment(value)
	if err != nil {
		s.Refuse(name, "a time", momentHint)
	}
	return m, err == nil
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
