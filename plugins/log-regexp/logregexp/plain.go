package logregexp

import "github.com/headwatch/headwatch/sdk/logtext"

func trimRight(text []byte) []byte { return logtext.TrimRight(text) }

func trimLeft(text []byte) []byte { return logtext.TrimLeft(text) }

// appendPlain appends a line without its colours: those of a terminal, else
// those that are spelled out.
func appendPlain(dst, line []byte) []byte {
	if logtext.HasColour(line) {
		return logtext.AppendPlain(dst, line)
	}
	return logtext.AppendUnspelled(dst, line)
}

// cutPrefix takes a prefix off text.
func cutPrefix(text []byte, prefix string) ([]byte, bool) {
	if len(text) < len(prefix) || string(text[:len(prefix)]) != prefix {
		return text, false
	}
	return text[len(prefix):], true
}

func isDigit(c byte) bool { return logtext.IsDigit(c) }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isBlank(c byte) bool { return logtext.IsBlank(c) }

// isWord tells the characters that every way of writing a log leaves as they
// are, and that no word ends at.
func isWord(c byte) bool { return logtext.IsWord(c) }
