package logtext

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// maxPrefix bounds what keepers put in front of a line, in bytes.
const maxPrefix = 256

// FindStamp finds the stamp that a node gave its line. Programs which keep logs
// put stamps and names of their own in front, one behind the other:
//
//	2025-03-01T12:00:01.200123456Z stderr F 2025-03-01 12:00:01 message
//	Mar 01 17:30:15 host dockerd[904]: geth-1  | INFO [03-01|17:30:15.000] message
//
// There is no list of them: the last stamp counts before which nothing looks
// like a message. Where the node stamps nothing, it is the last keeper's stamp. A
// stamp that a message quotes is never found, since the message's own words
// stand before it. A line that begins with a blank has no stamp.
func FindStamp(line []byte) Stamp {
	var found Stamp
	if len(line) == 0 || IsBlank(line[0]) {
		return found
	}
	window := line[:min(len(line), maxPrefix)]
	for at := 0; at < len(window); {
		if at == found.End || mayBegin(window, at) {
			if s := StampAt(line[at:]); s.Form != None {
				if !isPrefix(window[found.End:at], found.Form) {
					return found
				}
				if s.Form == Clock && at > 0 && found.Form == None && !endsSource(line[:at]) {
					s.Form = Other // "Dez 24 12:00:01": a date that nobody here can read
				}
				found = Stamp{Form: s.Form, Start: at, End: at + s.End, Digits: s.Digits}
				at = found.End
				continue
			}
		}
		n := prefixByte(window[at:])
		if n == 0 {
			return found
		}
		at += n
	}
	return found
}

// endsSource says whether text ends with a mark behind a source's name, such as
// "azero-1  | " or "[pod/azero-0/azero] ".
func endsSource(text []byte) bool {
	text = bytes.TrimRight(text, " \t")
	return len(text) > 0 && (text[len(text)-1] == '|' || text[len(text)-1] == ']')
}

// mayBegin says whether a stamp may begin at this place: not within a word.
func mayBegin(text []byte, at int) bool {
	c, before := text[at], text[at-1]
	return c == '[' || (IsDigit(c) || isLetter(c)) && !IsDigit(before) && !isLetter(before)
}

// prefixByte is the length of the character that text begins with, 0 for one
// that no keeper writes: '#' and '=' stand in messages, and so do emoji.
func prefixByte(text []byte) int {
	if text[0] < utf8.RuneSelf {
		if text[0] == '#' || text[0] == '=' || text[0] == '{' {
			return 0
		}
		return 1
	}
	r, n := utf8.DecodeRune(text)
	if unicode.IsLetter(r) || '\u2500' <= r && r <= '\u257f' { // boxes around tables
		return n
	}
	return 0
}

// isPrefix says whether what stands between a stamp, or the start of the line,
// and another stamp is a keeper's: names with something that no sentence has,
// such as "host unit[123]:", "azero-1  |" or "stderr F", or nothing at all. A
// level may stand at its end.
func isPrefix(text []byte, before Form) bool {
	words, level := 0, false
	var last []byte
	for len(text) > 0 {
		var word []byte
		if word, text = cutWord(text); len(word) == 0 {
			continue
		}
		if level {
			return false // what follows a level is a message
		}
		if level = IsLevel(trimBrackets(word)); level {
			continue
		}
		if isPlainWord(word) {
			words++
		}
		last = word
	}
	return len(last) == 0 || words <= 2 && endsPrefix(last, words, before)
}

// endsPrefix says whether a keeper's prefix may end with this word, and hold so
// many plain ones.
func endsPrefix(last []byte, words int, before Form) bool {
	end := last[len(last)-1]
	switch {
	case end == '|' || isUnit(last):
		return true
	case before == Dated || before == Clock:
		return words == 0 && isMarks(last) // a node stamps its lines alike
	case words == 0 && (before == None || !IsWord(end)):
		return true
	case len(last) == 1 && (IsDigit(end) || 'A' <= end && end <= 'Z' || isMarks(last)): // "stderr F", "- -"
		return true
	case before == None:
		return words == 1
	}
	return before == Monthly && end == ':' // syslog need not write the number of the process
}

// cutWord takes the first word off text, which is empty at a blank.
func cutWord(text []byte) (word, rest []byte) {
	n := 0
	for n < len(text) && !IsBlank(text[n]) {
		n++
	}
	return text[:n], text[min(n+1, len(text)):]
}

func trimBrackets(word []byte) []byte {
	if len(word) > 1 && word[0] == '[' && word[len(word)-1] == ']' {
		return word[1 : len(word)-1]
	}
	if len(word) > 1 && word[len(word)-1] == '[' {
		return word[:len(word)-1]
	}
	return word
}

// isUnit says whether a word is "unit[123]:", as journald and syslog write it.
func isUnit(word []byte) bool {
	open := bytes.IndexByte(word, '[')
	if open <= 0 {
		return false
	}
	n := DigitsLen(word[open+1:])
	return n > 0 && string(word[open+1+n:]) == "]:"
}

// isPlainWord tells a word of a sentence from a name with digits or marks.
func isPlainWord(word []byte) bool {
	if end := word[len(word)-1]; end == ':' || end == ',' {
		word = word[:len(word)-1]
	}
	letters := 0
	for len(word) > 0 {
		r, n := utf8.DecodeRune(word)
		if !unicode.IsLetter(r) {
			return false
		}
		letters++
		word = word[n:]
	}
	return letters > 1
}

// isMarks says whether a word has neither letters nor digits.
func isMarks(word []byte) bool {
	for _, c := range word {
		if IsWord(c) || c >= utf8.RuneSelf && c != 0xe2 {
			return false
		}
	}
	return true
}

// IsLevel knows the names of levels.
func IsLevel(word []byte) bool {
	switch string(word) {
	case "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRIT", "CRITICAL", "FATAL",
		"TRC", "DBG", "INF", "WRN", "ERR", "FTL", "PNC", "PANIC", "DEBG", "ERRO", "EROR", "DBUG",
		"NOT", "NTC", "D", "I", "W", "E":
		return true
	}
	return false
}

// IsBlank says whether c is a blank or a tab.
func IsBlank(c byte) bool { return c == ' ' || c == '\t' }

// IsWord says whether c is a letter, a digit or _.
func IsWord(c byte) bool { return IsDigit(c) || isLetter(c) || c == '_' }
