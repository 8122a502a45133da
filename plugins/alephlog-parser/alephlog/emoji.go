package alephlog

import (
	"bytes"
	"unicode/utf8"
)

// The emoji of a block that became the best of the node's own chain. The second
// is of the summer of 2024.
const (
	trophy  = "🏆"
	glowing = "🌟"
)

// emojiLen is the length of the emoji at the start of text, with the blanks
// behind it; 0 where there is none. A log that went through something which
// knows ASCII only has question marks, underscores or numbers in place of them.
func emojiLen(text []byte) int {
	n := 0
	for n < len(text) && n < maxWord {
		step := signLen(text[n:])
		if step == 0 {
			break
		}
		n += step
	}
	for n > 0 && n < len(text) && isBlank(text[n]) {
		n++
	}
	return n
}

// signLen is the length of a part of an emoji at the start of text, however it
// is written; 0 where there is none.
func signLen(text []byte) int {
	switch c := text[0]; {
	case c >= utf8.RuneSelf || c == '?' || c == '_':
		return 1
	case c == '#' && len(text) > 3 && (text[1] == '2' || text[1] == '3') && isDigit(text[2]) && isDigit(text[3]): // "#342#234#250" of syslog
		return 4
	case c == '\\':
		return escapedLen(text)
	case c == '<':
		if end := bytes.IndexByte(clip(text, maxSign), '>'); end > 1 && allHex(bytes.TrimPrefix(text[1:end], []byte("U+"))) {
			return end + 1
		}
	}
	return 0
}

// maxSign bounds one sign that is spelled out, in bytes.
const maxSign = 12

// escapedLen is the length of "\xe2", "\u2728", "\U0001f4a4", "\u{1f4a4}" or
// "\342".
func escapedLen(text []byte) int {
	if len(text) < 4 {
		return 0
	}
	digits := 0
	switch text[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	switch {
	case text[1] == 'u' && text[2] == '{':
		if end := bytes.IndexByte(clip(text, maxSign), '}'); end > 3 && allHex(text[3:end]) {
			return end + 1
		}
	case digits > 0 && len(text) >= 2+digits && allHex(text[2:2+digits]):
		return 2 + digits
	case isDigit(text[1]) && isDigit(text[2]) && isDigit(text[3]):
		return 4
	}
	return 0
}

func allHex(text []byte) bool {
	for _, c := range text {
		if !isHex(c) {
			return false
		}
	}
	return len(text) > 0
}

// isBest says whether an emoji marks a block as the best of the node's chain.
func isBest(emoji []byte) bool { return hasPrefix(emoji, trophy) || hasPrefix(emoji, glowing) }
