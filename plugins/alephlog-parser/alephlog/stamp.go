package alephlog

import "encoding/binary"

// stamp says who stamped a line.
type stamp uint8

const (
	// noStamp: nobody did; it may be the second line of a message.
	noStamp stamp = iota
	// keeperStamp: the keeper of the log, such as journald.
	keeperStamp
	// nodeStamp: the node itself.
	nodeStamp
)

// The shapes of "2025-04-" and "01 10:00" as little-endian numbers: a digit
// counts with its upper half, everything else with all its bits.
const (
	yearMonthMask = 0xFFF0F0FFF0F0F0F0
	yearMonth     = 0x2D30302D30303030
	dayTimeMask   = 0xF0F0FFF0F0FFF0F0
	dayTimeBlank  = 0x30303A3030203030
	dayTimeT      = 0x30303A3030543030
)

// dateLen is the length of "2025-04-01 10:00:05".
const dateLen = 19

// dated is the length of a stamp such as "2025-04-01 10:00:05.200" at the
// start of text, 0 where there is none.
func dated(text []byte) int { return dateAndTime(text, dayTimeBlank) }

// zoned is the length of a stamp such as "2025-04-01T10:00:05.200Z", with the
// number of digits behind the point. 0 where there is none.
func zoned(text []byte) (length, digits int) {
	n := dateAndTime(text, dayTimeT)
	if n == 0 || n >= len(text) {
		return 0, 0
	}
	digits = max(n-dateLen-1, 0)
	switch text[n] {
	case 'Z':
		return n + 1, digits
	case '+', '-':
		end := n + 1
		for end < len(text) && end <= n+5 && (isDigit(text[end]) || text[end] == ':') {
			end++
		}
		return end, digits
	}
	return n, digits
}

func dateAndTime(text []byte, dayTime uint64) int {
	if len(text) < dateLen ||
		binary.LittleEndian.Uint64(text)&yearMonthMask != yearMonth ||
		binary.LittleEndian.Uint64(text[8:])&dayTimeMask != dayTime ||
		text[16] != ':' || !isDigit(text[17]) || !isDigit(text[18]) {
		return 0
	}
	return dateLen + fraction(text[dateLen:])
}

// monthly is the length of a stamp such as "Mar 23 13:35:15.525", with a day
// of one digit as "Mar  1" or "Mar 1", 0 where there is none.
func monthly(text []byte) int {
	if len(text) < len("Mar 1 13:35:15") || !isMonth(text[:3]) || text[3] != ' ' {
		return 0
	}
	n := 4
	for n < 6 && (isDigit(text[n]) || n == 4 && text[n] == ' ') {
		n++
	}
	if !isDigit(text[n-1]) || text[n] != ' ' {
		return 0
	}
	if length := timed(text[n+1:]); length > 0 {
		return n + 1 + length
	}
	return 0
}

// kibana is the length of a stamp such as "Mar 1, 2025 @ 13:35:15.525", 0 where
// there is none.
func kibana(text []byte) int {
	if len(text) < len("Mar 1, 2025 @ 13:35:15") || !isMonth(text[:3]) || text[3] != ' ' {
		return 0
	}
	n := 4 + digitsLen(text[4:])
	year, ok := cutPrefix(text[n:], ", ")
	if !ok || digitsLen(year) != 4 {
		return 0
	}
	clock, ok := cutPrefix(year[4:], " @ ")
	if !ok || timed(clock) == 0 {
		return 0
	}
	return len(text) - len(clock) + timed(clock)
}

// timed is the length of a stamp such as "19:38:46.123", 0 where there is none.
func timed(text []byte) int {
	if len(text) < 8 || text[2] != ':' || text[5] != ':' ||
		!isDigit(text[0]) || !isDigit(text[1]) || !isDigit(text[3]) ||
		!isDigit(text[4]) || !isDigit(text[6]) || !isDigit(text[7]) {
		return 0
	}
	return 8 + fraction(text[8:])
}

// fraction is the length of ".525" at the start of text.
func fraction(text []byte) int {
	if len(text) < 2 || text[0] != '.' && text[0] != ',' || !isDigit(text[1]) {
		return 0
	}
	return 1 + digitsLen(text[1:])
}

func isMonth(text []byte) bool {
	switch string(text) {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec":
		return true
	}
	return false
}
