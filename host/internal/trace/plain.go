package trace

import (
	"bytes"
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
// meaning. Of any other it says nothing, and parseRecord has to tell. A monitor
// of the name given shares its string.
func plainLog(line []byte, monitor string) (r Record, ok bool) {
	rest, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r\n"), []byte(plainTime))
	if !ok {
		return r, false
	}
	stamp, rest, _ := bytes.Cut(rest, []byte{'"'})
	if r.T.UnmarshalText(stamp) != nil || !r.hasTime() {
		return r, false
	}
	if after, named := bytes.CutPrefix(rest, []byte(plainMonitor)); named {
		var name []byte
		name, rest, _ = bytes.Cut(after, []byte{'"'})
		if r.Monitor = monitor; string(name) != monitor {
			r.Monitor = string(name)
		}
		ok = plain(name)
	}
	rest, said := bytes.CutPrefix(rest, []byte(plainText))
	text, end, _ := bytes.Cut(rest, []byte{'"'})
	var at []byte
	if after, stamped := bytes.CutPrefix(end, []byte(plainAt)); stamped {
		at, end, _ = bytes.Cut(after, []byte{'"'})
	}
	if !ok || !said || string(end) != plainEnd || !plain(text) {
		return r, false
	}
	own := &struct { // one allocation
		log  Log
		text string
	}{text: string(text)}
	r.Log = &own.log
	r.Log.Text = &own.text
	return r, at == nil || r.Log.At.UnmarshalText(at) == nil
}

// plain says whether the inside of a JSON string means what it spells.
func plain(s []byte) bool {
	for _, c := range s {
		if c < ' ' || c == '\\' {
			return false
		}
	}
	return utf8.Valid(s)
}
