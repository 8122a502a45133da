package logtext

import "encoding/binary"

// Form is how a stamp is written.
type Form uint8

// The forms of stamps.
const (
	// None is no stamp.
	None Form = iota
	// Dated is "2025-04-01 10:00:05.200".
	Dated
	// Zoned is "2025-04-01T10:00:05.200Z".
	Zoned
	// Monthly is "Mar 23 13:35:15.525" or "15 Sep 10:42:21".
	Monthly
	// Clock is "19:38:46.123".
	Clock
	// Other is any other, such as "09-01|15:43:12.807", "2025/03/01 12:00:01",
	// "5:30PM" or "Mar 1, 2025 @ 13:35:15".
	Other
)

// Stamp is a stamp in a line: line[Start:End], with the brackets that it may
// stand in.
type Stamp struct {
	Form       Form
	Start, End int
	// Digits is the number of digits of its fraction of a second.
	Digits int
}

// StampAt reads the stamp that text begins with. Its form is None where there
// is none.
func StampAt(text []byte) Stamp {
	if len(text) == 0 || text[0] != '[' {
		return stampAt(text)
	}
	s := stampAt(text[1:])
	if s.Form == None {
		return s
	}
	s.End++
	if s.End < len(text) && text[s.End] == ']' {
		s.End++
	}
	return s
}

func stampAt(text []byte) Stamp {
	if len(text) < len("5:30PM") {
		return Stamp{}
	}
	switch c := text[0]; {
	case IsDigit(c):
		return numbered(text)
	case isMonth(text):
		return firstOf(text, Monthly, "aaa 00 00:00:00", "aaa  0 00:00:00", "aaa 0 00:00:00", "aaa-00 00:00:00",
			"aaa 00 0000 00:00:00", "aaa  0 0000 00:00:00", "aaaa 00 00:00:00", "aaaa  0 00:00:00").or(text, Other, "aaa 00, 0000 @ 00:00:00", "aaa 0, 0000 @ 00:00:00")
	}
	return Stamp{}
}

// The shapes of "2025-04-" and "01 10:00" as little-endian numbers: a digit
// counts with its upper half, everything else with all its bits.
const (
	yearMonthMask = 0xFFF0F0FFF0F0F0F0
	yearMonth     = 0x2D30302D30303030
	dayTimeMask   = 0xF0F0FFF0F0FFF0F0
	dayTimeBlank  = 0x30303A3030203030
	dayTimeT      = 0x30303A3030543030
)

// The lengths of "2025-04-01 10:00:05" and of "2025-04-01 10:00:05.200".
const (
	dateLen   = 19
	millisLen = dateLen + 4
)

// DatedLen is the length of a stamp such as "2025-04-01 10:00:05.200" at the
// start of text, 0 where there is none. Most lines of most logs begin with one,
// so it is quick.
func DatedLen(text []byte) int {
	if !isDate(text, dayTimeBlank) {
		return 0
	}
	if len(text) > millisLen && text[dateLen] == '.' && text[millisLen] == ' ' &&
		IsDigit(text[dateLen+1]) && IsDigit(text[dateLen+2]) && IsDigit(text[dateLen+3]) {
		return millisLen
	}
	n, _ := fraction(text, dateLen)
	return n
}

func isDate(text []byte, dayTime uint64) bool {
	return len(text) >= dateLen &&
		binary.LittleEndian.Uint64(text)&yearMonthMask == yearMonth &&
		binary.LittleEndian.Uint64(text[8:])&dayTimeMask == dayTime &&
		text[16] == ':' && IsDigit(text[17]) && IsDigit(text[18])
}

// numbered reads a stamp that begins with a number.
func numbered(text []byte) Stamp {
	switch {
	case isDate(text, dayTimeBlank):
		return written(text, Dated, dateLen)
	case isDate(text, dayTimeT):
		return written(text, Zoned, dateLen)
	case text[2] == ':' || text[1] == ':':
		s := firstOf(text, Clock, "00:00:00")
		return s.or(text, Other, "00:00AM", "00:00PM", "0:00AM", "0:00PM")
	case text[2] == ' ' && isMonth(text[3:]):
		return firstOf(text, Monthly, "00 aaa 00:00:00", "00 aaa 0000 00:00:00")
	}
	return firstOf(text, Other, "00-00|00:00:00", "00-00-00 00:00:00", "0000-00-00|00:00:00", "0000/00/00 00:00:00")
}

// firstOf is the stamp written in the first of these forms that text begins
// with.
func firstOf(text []byte, form Form, shapes ...string) Stamp {
	for _, shape := range shapes {
		if HasForm(text, shape) {
			return written(text, form, len(shape))
		}
	}
	return Stamp{}
}

// or is s, or where that is none a stamp of these forms.
func (s Stamp) or(text []byte, form Form, shapes ...string) Stamp {
	if s.Form != None {
		return s
	}
	return firstOf(text, form, shapes...)
}

// written is the stamp of a form, whose date and clock are n bytes long, with
// the fraction and the zone behind them.
func written(text []byte, form Form, n int) Stamp {
	end, digits := fraction(text, n)
	return Stamp{Form: form, End: end + zoneLen(text[end:]), Digits: digits}
}

// fraction reads ".525", ",525" or ".525.525" at text[at:]: where it ends, and
// how many digits it has. The year of a stamp that follows without a blank is
// no part of it.
func fraction(text []byte, at int) (end, digits int) {
	for at+1 < len(text) && (text[at] == '.' || text[at] == ',') && IsDigit(text[at+1]) {
		digits = DigitsLen(text[at+1:])
		at += 1 + digits
	}
	if digits > 4 && isDate(text[at-4:], dayTimeBlank) {
		return at - 4, digits - 4
	}
	return at, digits
}

// zoneLen is the length of "Z", "+02:00", "+0200", " UTC" or " +0200".
func zoneLen(text []byte) int {
	if len(text) > 0 && text[0] == 'Z' {
		return 1
	}
	for _, zone := range [...]string{" UTC", " GMT"} {
		if len(text) >= len(zone) && string(text[:len(zone)]) == zone {
			return len(zone)
		}
	}
	blank := 0
	if len(text) > 0 && text[0] == ' ' {
		blank = 1
	}
	rest := text[blank:]
	if len(rest) == 0 || rest[0] != '+' && rest[0] != '-' {
		return 0
	}
	for _, form := range [...]string{"00:00", "0000"} {
		if HasForm(rest[1:], form) {
			return blank + 1 + len(form)
		}
	}
	return 0
}

// HasForm says whether text begins with a form, in which 0 is a digit and a is
// a letter.
func HasForm(text []byte, form string) bool {
	if len(text) < len(form) {
		return false
	}
	for i := range len(form) {
		switch c := text[i]; form[i] {
		case '0':
			if !IsDigit(c) {
				return false
			}
		case 'a':
			if !isLetter(c) {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

// isMonth says whether text begins with the name of a month.
func isMonth(text []byte) bool {
	const months = "janfebmaraprmayjunjulaugsepoctnovdec"
	if len(text) < 3 || !beginsMonth(text[0]) {
		return false
	}
	for i := 0; i < len(months); i += 3 {
		if text[0]|0x20 == months[i] && text[1]|0x20 == months[i+1] && text[2]|0x20 == months[i+2] {
			return true
		}
	}
	return false
}

func beginsMonth(c byte) bool {
	switch c | 0x20 {
	case 'j', 'f', 'm', 'a', 's', 'o', 'n', 'd':
		return true
	}
	return false
}

// DigitsLen is how many digits text begins with.
func DigitsLen(text []byte) int {
	n := 0
	for n < len(text) && IsDigit(text[n]) {
		n++
	}
	return n
}

// IsDigit says whether c is a digit.
func IsDigit(c byte) bool { return c-'0' <= 9 }

func isLetter(c byte) bool { return c|0x20-'a' < 26 }
