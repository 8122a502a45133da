package logtext

import "bytes"

// escape begins a colour.
const escape = 0x1b

// HasColour says whether text may hold a colour.
func HasColour(text []byte) bool { return bytes.IndexByte(text, escape) >= 0 }

// AppendPlain appends text to dst without its colours. dst and text may be the
// same memory, dst being its start.
func AppendPlain(dst, text []byte) []byte {
	for {
		next := bytes.IndexByte(text, escape)
		if next < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:next]...)
		text = text[next:]
		n := colourLen(text)
		if n == 0 {
			dst = append(dst, escape)
			n = 1
		}
		text = text[n:]
	}
}

// colourLen is the length of the colour at the start of text, 0 where there is
// none.
func colourLen(text []byte) int {
	if len(text) < 2 || text[1] != '[' {
		return 0
	}
	for i, c := range text[2:] {
		if c == 'm' {
			return i + 3
		}
		if c != ';' && (c < '0' || '9' < c) {
			return 0
		}
	}
	return 0
}
