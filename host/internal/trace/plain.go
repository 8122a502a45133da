package trace

import (
	"strings"
	"time"
	"unicode/utf8"
)

// The parts of a log record as [Writer] writes it. Nearly every line of a trace
// is one, and a general decoder would spend most of a replay's time on them.
const (
	plainTime    = `{"t":"`
	plainMonitor = `,"monitor":"`
	plainText    = `,"log":{"text":"`
	plainAt      = `,"at":"`
	plainEnd     = `}}`
)

// plainLog reads a line that is, byte for byte, a log record of the parts above
// with strings between them that need no unescaping. Such a line has one
// meaning. Of any other it says nothing, and parseRecord has to tell.
func plainLog(line []byte) (r Record, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimRight(string(line), "\r\n"), plainTime)
	if !ok {
		return r, false
	}
	stamp, rest, _ := strings.Cut(rest, `"`)
	if r.T.UnmarshalText([]byte(stamp)) != nil || !r.hasTime() {
		return r, false
	}
	if after, named := strings.CutPrefix(rest, plainMonitor); named {
		r.Monitor, rest, _ = strings.Cut(after, `"`)
	}
	if rest, ok = strings.CutPrefix(rest, plainText); !ok {
		return r, false
	}
	text, end, _ := strings.Cut(rest, `"`)
	r.Log = &Log{Text: &text}
	if after, stamped := strings.CutPrefix(end, plainAt); stamped {
		r.Log.At = new(time.Time)
		if stamp, end, _ = strings.Cut(after, `"`); r.Log.At.UnmarshalText([]byte(stamp)) != nil {
			return r, false
		}
	}
	return r, end == plainEnd && plain(r.Monitor) && plain(text)
}

// plain says whether the inside of a JSON string means what it spells.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '\\' {
			return false
		}
	}
	return utf8.ValidString(s)
}
