package explain

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Need is something that would have to be otherwise.
type Need struct {
	// What is a fact, or one of the inputs below.
	What string `json:"what"`
	// Name is the head source of InputHead, the setting or the guard.
	Name string `json:"name,omitempty"`
	// Is is the relation to Value.
	Is string `json:"is"`
	// Value is the boundary: a number, a truth, a time; To is the value that was
	// tried, the nearest to the present one on the other side of it.
	Value json.RawMessage `json:"value,omitempty"`
	To    json.RawMessage `json:"to,omitempty"`
	// By is how far away that is.
	By   float64 `json:"by,omitempty"`
	Text string  `json:"text"`
}

// The inputs that a Need may name beside the facts.
const (
	InputHead    = "head"
	InputLog     = "log"
	InputTarget  = "target"
	InputTime    = "time"
	InputSetting = "setting"
	InputGuard   = "guard"
)

// The relations of a Need.
const (
	Above   = ">"
	AtLeast = ">="
	Below   = "<"
	AtMost  = "<="
	Equals  = "="
	// Known: an unknown fact is known.
	Known = "known"
	// Answers and Fails are those of a head source and of the log.
	Answers = "answers"
	Fails   = "fails"
	// Runs is that of a target.
	Runs = "runs"
	// Lifted is that of a guard.
	Lifted = "lifted"
)

// Needs have to be so, all of them.
type Needs []Need

// String is all of them in one line.
func (n Needs) String() string {
	var words []string
	for _, need := range n {
		words = append(words, need.Text)
	}
	return strings.Join(words, " and ")
}

// numberNeed: a number has to be on the other side of a boundary.
func numberNeed(now fact.Fact, is string, boundary, to fact.Fact) Need {
	word := map[string]string{Above: "above", AtLeast: "of at least", Below: "below", AtMost: "of at most"}[is]
	n := Need{What: now.Name, Is: is, Value: valueJSON(boundary), To: valueJSON(to), Text: fmt.Sprintf("%s %s %s", now.Name, word, amount(now.Kind, number(boundary)))}
	by := number(to) - number(now)
	if math.IsInf(by, 0) {
		return n
	}
	more := "more"
	if by < 0 {
		more = "less"
	}
	n.By = micros(math.Abs(by))
	n.Text += fmt.Sprintf(" (%s %s)", amount(now.Kind, math.Abs(by)), more)
	return n
}

// amount is a number of a kind, for people.
func amount(kind fact.Kind, value float64) string {
	digits, unit := 1000.0, ""
	if kind == fact.Seconds {
		unit = " s"
		if math.Abs(value) >= 10 {
			digits = 10
		}
	}
	return strconv.FormatFloat(math.Round(value*digits)/digits, 'f', -1, 64) + unit
}

// truthNeed: a yes or no has to be what to says.
func truthNeed(to fact.Fact) Need {
	return Need{What: to.Name, Is: Equals, Value: valueJSON(to), To: valueJSON(to), Text: fmt.Sprintf("%s %s", to.Name, to)}
}

// knownNeed: an unknown fact has to be known.
func knownNeed(name string) Need { return Need{What: name, Is: Known, Text: name + " known"} }

// timeNeed: so much time has to go by.
func timeNeed(now, until time.Time, text string) Need {
	left, at := until.Sub(now), timeJSON(until)
	return Need{What: InputTime, Is: AtLeast, Value: at, To: at, By: secondsOf(left), Text: text + " in " + Span(left)}
}

// valueJSON is the value as a verdict's line has it.
func valueJSON(f fact.Fact) json.RawMessage {
	text, err := f.AppendJSON(nil)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

func timeJSON(t time.Time) json.RawMessage {
	text, err := json.Marshal(utc(t))
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// number is the value of a fact that is a number of any kind.
func number(f fact.Fact) float64 {
	if f.Kind == fact.Blocks {
		return float64(f.Count)
	}
	return f.Number
}

// withNumber is the fact with another value; a number of blocks is a whole one.
func withNumber(f fact.Fact, value float64) fact.Fact {
	if f.Kind == fact.Blocks {
		f.Count = uint64(max(0, math.Ceil(value)))
		return f
	}
	f.Number = value
	return f
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

// secondsOf is a period as an explanation tells it.
func secondsOf(d time.Duration) float64 { return micros(d.Seconds()) }

// micros rounds to millionths.
func micros(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// utc is a time as an explanation tells it.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Round(0).UTC()
}
