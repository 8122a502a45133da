package nodelog

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// members are the readings as JSON has them, but for those of the built-in
// facts: each is a member of its name beside these.
type members struct {
	Confirmed   uint64             `json:"confirmed,omitempty"`
	ConfirmedAt time.Time          `json:"confirmed_at,omitzero"`
	RaisedAt    time.Time          `json:"raised_at,omitzero"`
	Version     string             `json:"version,omitempty"`
	Cause       *Event             `json:"cause,omitempty"`
	Trouble     *Event             `json:"trouble,omitempty"`
	Facts       map[string]Reading `json:"facts,omitempty"`
}

// Members adds the readings to the members of a JSON object.
func (r Readings) Members(object map[string]json.RawMessage) error {
	plain := members{r.Confirmed, r.ConfirmedAt, r.RaisedAt, r.Version, r.Cause, r.Trouble, map[string]Reading{}}
	all := map[string]any{}
	for name, reading := range r.Of {
		if own, ok := strings.CutPrefix(name, fact.CustomPrefix); ok {
			plain.Facts[own] = reading
		} else {
			all[name] = reading
		}
	}
	for _, part := range []any{plain, all} {
		text, err := json.Marshal(part)
		if err == nil {
			err = json.Unmarshal(text, &object)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UnmarshalJSON reads the members that Members writes, and skips any other.
func (r *Readings) UnmarshalJSON(text []byte) error {
	var plain members
	var object map[string]json.RawMessage
	for _, part := range []any{&plain, &object} {
		if err := json.Unmarshal(text, part); err != nil {
			return err
		}
	}
	*r = Readings{Confirmed: plain.Confirmed, ConfirmedAt: plain.ConfirmedAt, RaisedAt: plain.RaisedAt, Version: plain.Version, Cause: plain.Cause, Trouble: plain.Trouble}
	for _, f := range logFacts {
		text, ok := object[f.name]
		if !ok {
			continue
		}
		read := readingOf[bool]
		if fact.BuiltIn().Get(f.name).Kind == fact.Blocks {
			read = readingOf[uint64]
		}
		reading, err := read(text)
		if err != nil {
			return err
		}
		r.set(f.name, reading)
	}
	for name, reading := range plain.Facts {
		r.set(fact.CustomPrefix+name, reading)
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
