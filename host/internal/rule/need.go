package rule

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The words of the relations, before a value.
func relationWord(is string) string {
	switch is {
	case Above:
		return "above"
	case AtLeast:
		return "of at least"
	case Below:
		return "below"
	case AtMost:
		return "of at most"
	}
	return is
}

// numberNeed: a number has to be on the other side of a boundary.
func numberNeed(now Fact, is string, value float64, to Fact) Need {
	n := Need{What: now.Name, Is: is, Value: now.with(value).json(), To: to.json()}
	text := fmt.Sprintf("%s %s %s", now.Name, relationWord(is), amount(now, value))
	by := to.value() - now.value()
	if math.IsInf(by, 0) {
		n.Text = text
		return n
	}
	n.By = micros(math.Abs(by))
	more := "more"
	if by < 0 {
		more = "less"
	}
	n.Text = fmt.Sprintf("%s (%s %s)", text, amount(now, math.Abs(by)), more)
	return n
}

// amount is a number of a fact's kind, for people.
func amount(f Fact, value float64) string {
	digits := 1000.0
	if f.Kind == Seconds && math.Abs(value) >= 10 {
		digits = 10
	}
	text := strconv.FormatFloat(math.Round(value*digits)/digits, 'f', -1, 64)
	if f.Kind == Seconds {
		text += " s"
	}
	return text
}

// json is the value as a verdict's line has it; a value always has one.
func (f Fact) json() json.RawMessage {
	b, err := f.appendValue(nil)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

// truthNeed: a yes or no has to be what to says.
func truthNeed(to Fact) Need {
	return Need{What: to.Name, Is: Equals, Value: to.json(), To: to.json(), Text: fmt.Sprintf("%s %s", to.Name, to)}
}

// knownNeed: an unknown fact has to be known.
func knownNeed(f Fact) Need {
	return Need{What: f.Name, Is: Known, Text: f.Name + " known"}
}

// timeNeed: so much time has to go by.
func timeNeed(now, until time.Time) Need {
	left := until.Sub(now)
	at, err := json.Marshal(utc(until))
	if err != nil {
		at = json.RawMessage("null")
	}
	return Need{What: InputTime, Is: AtLeast, Value: at, To: at, By: secondsOf(left), Text: "in " + Span(left)}
}

// Span is a time for people, in the two largest units; a part of a second counts
// as a whole one.
func Span(d time.Duration) string {
	s := int64(math.Ceil(d.Seconds()))
	units := []struct {
		name string
		long int64
	}{{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}}
	var words []string
	for _, u := range units {
		if n := s / u.long; n > 0 && len(words) < 2 {
			words = append(words, strconv.FormatInt(n, 10)+" "+u.name)
			s %= u.long
		} else if len(words) > 0 {
			break
		}
	}
	if len(words) == 0 {
		return "0 s"
	}
	return strings.Join(words, " ")
}

// String is a way in one line.
func (w Way) String() string {
	var words []string
	for _, n := range w {
		words = append(words, n.Text)
	}
	return strings.Join(words, " and ")
}
