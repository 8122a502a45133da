package logregexp

import (
	"fmt"

	"github.com/headwatch/headwatch/sdk"
)

// fact is a fact of one pattern.
type fact struct {
	name string
	// group holds its value; none for a constant.
	group    []int
	constant any
	kind     string
	scale    float64
}

// The types of a fact's text. The first three are numbers.
const (
	typeNumber   = "number"
	typeDuration = "duration"
	typeQuantity = "quantity"
	typeBool     = "bool"
	typeString   = "string"
)

// from makes the fact of a line, where the line has it. A text that cannot be
// read makes the fact unknown: what it was before is out of date.
func (f fact) from(m match) (sdk.Event, bool) {
	if len(f.group) == 0 {
		return sdk.Fact{Name: f.name, Value: f.constant}, true
	}
	text, there := m.group(f.group)
	if !there {
		return nil, false
	}
	if value, ok := f.read(text); ok {
		return sdk.Fact{Name: f.name, Value: value}, true
	}
	return sdk.FactUnknown{Name: f.name, Reason: fmt.Sprintf("the log says %q where pattern %q expects a %s",
		cleanText(text, maxWord), m.pattern.name, f.kind)}, true
}

// read reads the value from its text.
func (f fact) read(text []byte) (any, bool) {
	var number float64
	var ok bool
	switch f.kind {
	case typeString:
		return cleanText(text, maxWord), true
	case typeBool:
		return readTruth(text)
	case typeDuration:
		number, ok = readDuration(text)
	case typeQuantity:
		number, ok = readQuantity(text)
	default:
		number, ok = readNumber(text)
	}
	number *= f.scale
	return number, ok && isFinite(number)
}

// valueType is what a rule sees: number, bool or string.
func (f fact) valueType() string {
	if f.kind == typeBool || f.kind == typeString {
		return f.kind
	}
	return typeNumber
}
