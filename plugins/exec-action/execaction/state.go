package execaction

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// mostNotes bounds what an operator is told about a target.
const mostNotes = 10

// document is what an inspect command prints: one JSON object. running must be
// given, and started_at of a target that runs.
type document struct {
	Exists     *bool    `json:"exists"`
	Running    *bool    `json:"running"`
	Paused     bool     `json:"paused"`
	Restarting bool     `json:"restarting"`
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	StartedAt  instant  `json:"started_at"`
	FinishedAt instant  `json:"finished_at"`
	ExitCode   *int     `json:"exit_code"`
	OOMKilled  bool     `json:"oom_killed"`
	Notes      []string `json:"notes"`
	MayStart   bool     `json:"may_start"`
	Refuse     string   `json:"refuse"`
	Hazards    []hazard `json:"hazards"`
}

// hazard makes it dangerous to act on the target.
type hazard struct {
	ID    string `json:"id"`
	Level string `json:"level"`
	What  string `json:"what"`
	Mend  string `json:"mend"`
}

// hazardID is the form of a hazard's id, which an operator allows it by.
var hazardID = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// hazardsOf reads hazards. One that could not be allowed or mended is an error.
func hazardsOf(all []hazard) (found []sdk.Hazard, err error) {
	for _, h := range all[:min(len(all), mostNotes)] {
		level := sdk.HazardLevel(h.Level)
		switch {
		case !hazardID.MatchString(h.ID):
			return nil, fmt.Errorf("a hazard whose id is %.40q, not an identifier", h.ID)
		case level != sdk.HazardRefuse && level != sdk.HazardWarn && level != sdk.HazardNote:
			return nil, fmt.Errorf("hazard %s of level %.20q, which is not refuse, warn or note", h.ID, h.Level)
		case h.What == "" || h.Mend == "":
			return nil, fmt.Errorf("hazard %s without what or mend", h.ID)
		}
		found = append(found, sdk.Hazard{ID: h.ID, Level: level, What: word(h.What), Mend: word(h.Mend)})
	}
	return found, nil
}

// readJSON reads a state. A key that is not known is an error: a state that
// says less than was meant is worse than none.
func readJSON(text []byte) (sdk.State, error) {
	var d document
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		var wrong *json.UnmarshalTypeError
		var syntax *json.SyntaxError
		switch {
		case errors.As(err, &wrong):
			return sdk.State{}, fmt.Errorf("%s for %q", wrong.Value, wrong.Field)
		case errors.As(err, &syntax), len(text) == 0:
			return sdk.State{}, fmt.Errorf("no JSON object: %.60q", text)
		}
		return sdk.State{}, fmt.Errorf("what is no state: %.120s", plain(err.Error()))
	}
	if decoder.More() {
		return sdk.State{}, errors.New("more than one JSON object")
	}
	if d.Exists != nil && !*d.Exists {
		return sdk.State{}, nil
	}
	if d.Running == nil {
		return sdk.State{}, errors.New(`a state without "running"`)
	}
	s := sdk.State{Exists: true, Running: *d.Running, Paused: d.Paused, Restarting: d.Restarting, ID: d.ID, Name: d.Name,
		StartedAt: d.StartedAt.Time, FinishedAt: d.FinishedAt.Time, ExitCode: d.ExitCode, OOMKilled: d.OOMKilled,
		Notes: d.Notes, MayStart: d.MayStart, Refuse: d.Refuse}
	if len(s.Notes) > mostNotes {
		s.Notes = s.Notes[:mostNotes]
	}
	var err error
	if s.Hazards, err = hazardsOf(d.Hazards); err != nil {
		return sdk.State{}, err
	}
	if s.Running {
		s.MayStart, s.ExitCode = false, nil
	}
	return s, nil
}

// instant is a time in JSON: RFC 3339, or seconds since 1970 as a number or a
// text, with a fraction where there is one. An empty text, null and the zero
// time are none.
type instant struct{ time.Time }

// UnmarshalJSON reads an instant.
func (i *instant) UnmarshalJSON(text []byte) error {
	var s string
	if json.Unmarshal(text, &s) != nil {
		s = string(text)
	}
	at, err := parseInstant(s)
	i.Time = at
	return err
}

// Seconds since 1970 that time.Unix can take: the years from 1970 to 9999.
var mostSeconds = big.NewRat(253402300800, 1)

func parseInstant(s string) (time.Time, error) {
	if s == "" || s == "null" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		if at.Year() <= 1 {
			return time.Time{}, nil
		}
		return at.UTC(), nil
	}
	return parseUnix(s)
}

// parseUnix reads seconds since 1970, exactly.
func parseUnix(s string) (time.Time, error) {
	for i := range len(s) {
		if c := s[i]; c != '.' && (c < '0' || c > '9') {
			return time.Time{}, fmt.Errorf("%.40q is no time", s)
		}
	}
	seconds, ok := new(big.Rat).SetString(s)
	if !ok || len(s) > 40 || seconds.Cmp(mostSeconds) >= 0 {
		return time.Time{}, fmt.Errorf("%.40q is no time", s)
	}
	nanos := new(big.Rat).Mul(seconds, big.NewRat(int64(time.Second), 1))
	whole := new(big.Int).Quo(nanos.Num(), nanos.Denom())
	second, rest := new(big.Int).QuoRem(whole, big.NewInt(int64(time.Second)), new(big.Int))
	return time.Unix(second.Int64(), rest.Int64()).UTC(), nil
}
