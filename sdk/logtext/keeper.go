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
	var between prefix
	for at := 0; at < len(window); {
		if IsBlank(window[at]) {
			at++
			continue
		}
		if at == found.End || at == found.End+1 {
			if found.Form == Zoned {
				if n := labelsLen(window[at:]); n > 0 {
					at += n
					found.End = at - 1
				}
			}
			if !hasClock(beforeField(window[at:])) {
				return found
			}
		}
		s, wordEnd := stampIn(line, window, at)
		if s.Form == None {
			if !between.add(window[at:wordEnd]) {
				return found
			}
			at = wordEnd
			continue
		}
		if s.Start > at && !between.add(window[at:s.Start]) || !between.mayEnd(found.Form) {
			return found
		}
		if s.Form == Clock && s.Start > 0 && found.Form == None && !endsSource(line[:s.Start]) {
			s.Form = Other // "Dez 24 12:00:01": a date that nobody here can read
		}
		found, between, at = s, prefix{}, s.End
	}
	return found
}

// labelsLen is the length of "{pod="azero-0"} " at the start of text, which Loki
// puts behind its stamp.
func labelsLen(text []byte) int {
	if text[0] != '{' || len(text) > 1 && text[1] == '"' {
		return 0
	}
	end := bytes.IndexByte(text, '}')
	if end < 0 || end+2 >= len(text) || text[end+1] != ' ' {
		return 0
	}
	return end + 2
}

// beforeField is what stands in text before the first '=', behind which no
// stamp is a node's.
func beforeField(text []byte) []byte {
	if field := bytes.IndexByte(text, '='); field >= 0 {
		return text[:field]
	}
	return text
}

// hasClock says whether "12:00" stands in text, as in every stamp.
func hasClock(text []byte) bool {
	for at := 1; at < len(text); at++ {
		next := bytes.IndexByte(text[at:], ':')
		if next < 0 || at+next+1 >= len(text) {
			return false
		}
		at += next
		if IsDigit(text[at-1]) && IsDigit(text[at+1]) {
			return true
		}
	}
	return false
}

// stampIn looks for a stamp that begins in the word at this place, at its start
// or behind a mark in it. Without one it gives the end of the word.
func stampIn(line, window []byte, at int) (s Stamp, wordEnd int) {
	for i := at; i < len(window) && !IsBlank(window[i]); i++ {
		c := window[i]
		if c == '[' || i == at && beginsMonth(c) || IsDigit(c) && (i == at || !IsDigit(window[i-1]) && !isLetter(window[i-1])) {
			if s := StampAt(line[i:]); s.Form != None {
				s.Start, s.End = i, i+s.End
				return s, i
			}
		}
		wordEnd = i + 1
	}
	return Stamp{}, wordEnd
}

// endsSource says whether text ends with a mark behind a source's name, such as
// "azero-1  | " or "[pod/azero-0/azero] ".
func endsSource(text []byte) bool {
	text = bytes.TrimRight(text, " \t")
	return len(text) > 0 && (text[len(text)-1] == '|' || text[len(text)-1] == ']')
}

// most is how many words may stand between two stamps.
const most = 8

// prefix is what stands between a stamp, or the start of the line, and another
// stamp, word by word. It is a keeper's where it has names with something that
// no sentence has, such as "host unit[123]:", "azero-1  |" or "stderr F", or
// nothing at all. A level may stand at its end.
type prefix struct {
	all, plain int
	level      bool
	last       []byte
}

// add takes one more word. It is false for a word that no keeper writes.
func (p *prefix) add(word []byte) bool {
	if p.all++; p.level || p.all > most {
		return false // what follows a level is a message
	}
	if p.level = IsLevel(trimBrackets(word)); p.level {
		return true
	}
	if !isPrefixWord(word) {
		return false
	}
	if isPlainWord(word) {
		p.plain++
	}
	p.last = word
	return p.plain <= 2
}

// mayEnd says whether a stamp may follow, where a stamp of this form stands
// before.
func (p *prefix) mayEnd(before Form) bool {
	return len(p.last) == 0 || p.isName(before) || endsPrefix(p.last, p.plain, before)
}

// isName says whether the prefix is one name with a mark or a digit, such as
// "ecs/azero/7f3": collectors put the name of a stream behind their stamp.
func (p *prefix) isName(before Form) bool {
	return before == Zoned && p.all == 1 && p.plain == 0 && IsWord(p.last[len(p.last)-1])
}

// isPrefixWord says whether a keeper may write a word: '#', '=' and '{' stand in
// messages, and so do emoji.
func isPrefixWord(word []byte) bool {
	for i := 0; i < len(word); {
		if c := word[i]; c < utf8.RuneSelf {
			if c == '#' || c == '=' || c == '{' {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(word[i:])
		if !unicode.IsLetter(r) && (r < '\u2500' || r > '\u257f') { // boxes around tables
			return false
		}
		i += n
	}
	return true
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
		n := 1
		if word[0] >= utf8.RuneSelf {
			var r rune
			if r, n = utf8.DecodeRune(word); !unicode.IsLetter(r) {
				return false
			}
		} else if !isLetter(word[0]) {
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
		"TRC", "DBG", "INF", "WRN", "ERR", "FTL", "PNC", "PANIC", "DEBG", "ERRO", "EROR", "DBUG", "FAT", "NTC", "NOT",
		"D", "I", "W", "E":
		return true
	}
	return false
}

// IsBlank says whether c is a blank or a tab.
func IsBlank(c byte) bool { return c == ' ' || c == '\t' }

// IsWord says whether c is a letter, a digit or _.
func IsWord(c byte) bool { return IsDigit(c) || isLetter(c) || c == '_' }

// TrimLeft takes blanks off the start of text.
func TrimLeft(text []byte) []byte {
	for len(text) > 0 && IsBlank(text[0]) {
		text = text[1:]
	}
	return text
}

// TrimRight takes blanks and line ends off the end of text: a terminal's lines
// end in a carriage return, and many nodes pad theirs.
func TrimRight(text []byte) []byte {
	for len(text) > 0 {
		if c := text[len(text)-1]; !IsBlank(c) && c != '\r' && c != '\n' {
			break
		}
		text = text[:len(text)-1]
	}
	return text
}
