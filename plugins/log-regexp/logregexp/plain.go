package logregexp

import "bytes"

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
