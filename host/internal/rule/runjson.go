package rule

import (
	"encoding/json"
	"strings"
)

// MarshalJSON writes the reading of a built-in fact as a member of its name, and
// those of the parser's facts under "facts".
func (r Run) MarshalJSON() ([]byte, error) {
	type plain Run
	readings, facts := map[string]any{}, map[string]Reading{}
	for name, reading := range r.Readings {
		if own, ok := strings.CutPrefix(name, CustomPrefix); ok {
			facts[own] = reading
		} else {
			readings[name] = reading
		}
	}
	if len(facts) > 0 {
		readings["facts"] = facts
	}
	members, err := json.Marshal(plain(r))
	if err != nil || len(readings) == 0 {
		return members, err
	}
	more, err := json.Marshal(readings)
	if err != nil || string(members) == "{}" {
		return more, err
	}
	return append(append(members[:len(members)-1], ','), more[1:]...), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Run) UnmarshalJSON(text []byte) error {
	type plain Run
	var members map[string]json.RawMessage
	var facts struct {
		Facts map[string]Reading `json:"facts"`
	}
	for _, part := range []any{(*plain)(r), &members, &facts} {
		if err := json.Unmarshal(text, part); err != nil {
			return err
		}
	}
	r.Readings = nil
	for _, f := range logFacts {
		text, ok := members[f.name]
		if !ok {
			continue
		}
		read := readingOf[bool]
		if Facts(BuiltIn()).Get(f.name).Kind == Blocks {
			read = readingOf[uint64]
		}
		reading, err := read(text)
		if err != nil {
			return err
		}
		r.setReading(f.name, reading)
	}
	for name, reading := range facts.Facts {
		r.setReading(CustomPrefix+name, reading)
	}
	return nil
}

// readingOf reads a reading with a value of that type.
func readingOf[T any](text []byte) (Reading, error) {
	var value T
	r := Reading{Value: &value}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, err
	}
	if r.Value = nil; r.Given {
		r.Value = value
	}
	return r, nil
}
