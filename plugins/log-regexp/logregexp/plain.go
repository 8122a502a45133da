package logregexp

import "bytes"

// escape begins a colour.
const escape = 0x1b

// appendPlain appends text without its colours.
func appendPlain(dst, text []byte) []byte {
	for {
		next := bytes.IndexByte(text, escape)
		if next < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:next]...)
		text = text[next:]
		if n := colourLen(text); n > 0 {
			text = text[n:]
			continue
		}
		dst = append(dst, escape)
		text = text[1:]
	}
}

// colourLen is the length of the colour that text starts with, 0 where that is
// something else.
func colourLen(text []byte) int {
	if len(text) < 2 || text[1] != '[' {
		return 0
	}
	for i, c := range text[2:] {
		if c == 'm' {
			return i + 3
		}
		if c != ';' && !isDigit(c) {
			return 0
		}
	}
	return 0
}

func trimRight(text []byte) []byte { return bytes.TrimRight(text, " \t\r\n") }

func trimLeft(text []byte) []byte { return bytes.TrimLeft(text, " \t") }

// cutPrefix takes a prefix off text.
func cutPrefix(text []byte, prefix string) ([]byte, bool) {
	if len(text) < len(prefix) || string(text[:len(prefix)]) != prefix {
		return text, false
	}
	return text[len(prefix):], true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isWord tells the characters that every way of writing a log leaves as they
// are, and that no word ends at.
func isWord(c byte) bool { return isDigit(c) || isLetter(c) || c == '_' }
