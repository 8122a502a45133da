package alephlog

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/headwatch/headwatch/sdk/logtext"
)

// recordStart begins a record of Docker's json-file driver.
const recordStart = `{"log":"`

// decode appends a line with colours or in a JSON record to dst, as plain text.
func decode(dst, text []byte) []byte {
	plain := dst
	if record, ok := cutPrefix(text, recordStart); ok {
		plain = appendUnquoted(dst, record)
		plain = logtext.AppendPlain(plain[:0], plain)
	} else {
		plain = logtext.AppendPlain(dst, text)
	}
	if logtext.HasSpelledColour(plain) {
		plain = logtext.AppendUnspelled(plain[:0], plain)
	}
	return plain
}

// appendUnquoted appends the JSON string that text continues with, up to its
// end, to a line end in it, or to the capacity of dst.
func appendUnquoted(dst, text []byte) []byte {
	for len(text) > 0 && text[0] != '"' && len(dst)+utf8.UTFMax <= cap(dst) {
		if text[0] != '\\' {
			dst = append(dst, text[0])
			text = text[1:]
			continue
		}
		char, n := unescape(text)
		if n == 0 || char == '\n' {
			break
		}
		dst = utf8.AppendRune(dst, char)
		text = text[n:]
	}
	return dst
}

// unescape reads one escaped character and its length in text, 0 where there
// is none.
func unescape(text []byte) (rune, int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch c := text[1]; c {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'r':
		return '\r', 2
	case 'u':
		return unescapeUnit(text)
	default:
		return rune(c), 2
	}
}

// unescapeUnit reads \u0000, or two of them where they are halves of one
// character.
func unescapeUnit(text []byte) (rune, int) {
	high, ok := codeUnit(text)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(high) {
		if low, ok := codeUnit(text[6:]); ok {
			if char := utf16.DecodeRune(high, low); char != utf8.RuneError {
				return char, 12
			}
		}
	}
	return high, 6
}

func codeUnit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}
