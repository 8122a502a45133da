package logtext

import "bytes"

// escape begins a colour.
const escape = 0x1b

// HasColour says whether text may hold a colour as a terminal is given it.
func HasColour(text []byte) bool { return bytes.IndexByte(text, escape) >= 0 }

// HasSpelledColour says whether text holds a colour that a keeper of logs
// spelled out, as in "#033[2m", or one that lost its escape at the start.
func HasSpelledColour(text []byte) bool {
	if bareLen(text) > 0 {
		return true
	}
	for at := 0; ; at++ {
		next := bytes.IndexByte(text[at:], '[')
		if next < 0 {
			return false
		}
		at += next
		if n := spelledLen(text[:at]); n > 0 && bareLen(text[at:]) > 0 {
			return true
		}
	}
}

// AppendPlain appends text to dst without its colours. dst and text may be the
// same memory, dst being its start.
func AppendPlain(dst, text []byte) []byte {
	for {
		next := bytes.IndexByte(text, escape)
		if next < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:next]...)
		text = text[next+1:]
		n := bareLen(text)
		if n == 0 {
			dst = append(dst, escape)
		}
		text = text[n:]
	}
}

// AppendUnspelled appends text to dst without the colours that are spelled out,
// and without those that lost their escape where text begins with one. dst and
// text may be the same memory, dst being its start.
func AppendUnspelled(dst, text []byte) []byte {
	bare := bareLen(text) > 0
	for {
		next := bytes.IndexByte(text, '[')
		if next < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:next]...)
		text = text[next:]
		if n, spelled := bareLen(text), spelledLen(dst); n > 0 && (bare || spelled > 0) {
			dst, text = dst[:len(dst)-spelled], text[n:]
			continue
		}
		dst, text = append(dst, '['), text[1:]
	}
}

// spelledLen is the length of an escape that text ends with, spelled out: "#033"
// by syslog, "\x1b" or "\u001b" by JSON and shells, "^[" by editors.
func spelledLen(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	switch text[len(text)-1] {
	case '3', 'b', 'B', 'e', '[', 0x9b:
	default:
		return 0
	}
	for _, spelling := range [...]string{"#033", `\033`, `\x1b`, `\x1B`, `\u001b`, `\u001B`, `\e`, "^[", "\u241b"} {
		if len(text) >= len(spelling) && string(text[len(text)-len(spelling):]) == spelling {
			return len(spelling)
		}
	}
	return 0
}

// bareLen is the length of what follows the escape of a colour, "[1;32m", at the
// start of text; 0 where there is none.
func bareLen(text []byte) int {
	if len(text) == 0 || text[0] != '[' {
		return 0
	}
	for i, c := range text[1:] {
		if c == 'm' {
			return i + 2
		}
		if c != ';' && !IsDigit(c) {
			return 0
		}
	}
	return 0
}
