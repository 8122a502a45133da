package logregexp

import (
	"bytes"

	"github.com/headwatch/headwatch/sdk/logtext"
)

// maxParts bounds how many parts a header may have, maxName its names in bytes.
const (
	maxParts = 8
	maxName  = 128
)

// cutHeader takes off what stands before the message: what programs that keep
// logs put there, then the node's own stamp, level and target, in any order:
//
//	geth-1  | INFO [09-01|15:43:12.807] message
//	Mar 01 17:30:15 host canined[338904]: 5:30PM INF message
//	2023-11-01T19:01:17.616296Z  INFO reth::cli: message
//
// What is in no form that is known stays part of the message.
func cutHeader(text []byte) []byte {
	rest := cutSource(text)
	if s := logtext.FindStamp(text); s.Form != logtext.None {
		rest = text[s.Start:]
	}
	for range maxParts {
		rest = trimLeft(rest)
		if after, ok := cutStamp(rest); ok {
			rest = cutSource(cutKeeper(trimLeft(after)))
		} else if after, ok := cutLevel(rest); ok {
			rest = cutTarget(trimLeft(after))
		} else {
			break
		}
	}
	return rest
}

// cutStamp takes off a stamp. It ends at a blank or a bar; anything else is a
// word that looks like one.
func cutStamp(text []byte) ([]byte, bool) {
	s := logtext.StampAt(text)
	rest := text[s.End:]
	switch {
	case s.Form == logtext.None:
		return text, false
	case len(rest) == 0 || isBlank(rest[0]) && s.Form != logtext.Monthly:
		return rest, true
	case isBlank(rest[0]): // "15 Sep 10:42:21 | message"
		after, ok := cutPrefix(rest, " | ")
		if !ok {
			after = rest
		}
		return after, true
	case rest[0] == ':' && (len(rest) == 1 || isBlank(rest[1])):
		return rest[1:], true
	case rest[0] == '|': // "|INFO|class|thread|message"
		return cutFields(rest[1:]), true
	}
	return text, false
}

// cutFields takes the words off the start of text that a bar follows.
func cutFields(text []byte) []byte {
	for range maxParts {
		n := 0
		for n < len(text) && (logtext.IsWord(text[n]) || text[n] == '.') {
			n++
		}
		if n == 0 || n >= len(text) || text[n] != '|' {
			break
		}
		text = text[n+1:]
	}
	return text
}

// cutSource takes off the name that docker-compose, pm2 and kubectl put in
// front of a line: "name  | " and "[pod/name/container] ".
func cutSource(text []byte) []byte {
	if rest, ok := cutPrefix(text, "[pod/"); ok {
		if end := bytes.Index(clip(rest, maxName), []byte("] ")); end >= 0 {
			return rest[end+2:]
		}
		return text
	}
	if word := bytes.IndexByte(clip(text, maxName), ' '); word > 0 {
		if rest, ok := cutPrefix(trimLeft(text[word:]), "| "); ok {
			return rest
		}
	}
	return text
}

// cutKeeper takes off what a keeper puts behind its stamp: "stdout F " of a
// container runtime, "host unit[123]: " or "unit[123]: " of journald.
func cutKeeper(text []byte) []byte {
	for _, mark := range []string{"stderr F ", "stdout F ", "stderr P ", "stdout P "} {
		if rest, ok := cutPrefix(text, mark); ok {
			return rest
		}
	}
	near := clip(text, maxName)
	open := bytes.IndexByte(near, '[')
	if open <= 0 || near[open-1] == ' ' || bytes.Count(near[:open], []byte(" ")) > 1 {
		return text
	}
	end := open + 1
	for end < len(text) && logtext.IsDigit(text[end]) {
		end++
	}
	if rest, ok := cutPrefix(text[end:], "]: "); ok && end > open+1 {
		return rest
	}
	return text
}

// cutLevel takes off a level, which may stand in brackets or right before one.
func cutLevel(text []byte) ([]byte, bool) {
	word, bracket := text, false
	if len(text) > 0 && text[0] == '[' {
		word, bracket = text[1:], true
	}
	n := 0
	for n < len(word) && 'A' <= word[n] && word[n] <= 'Z' {
		n++
	}
	if !logtext.IsLevel(word[:n]) {
		return text, false
	}
	rest := word[n:]
	if bracket {
		return cutPrefix(rest, "] ")
	}
	if n == 1 && (len(rest) == 0 || rest[0] != '[') {
		return text, false // a word of the message, as in "I am"
	}
	return rest, len(rest) > 0 && (rest[0] == ' ' || rest[0] == '[')
}

// cutTarget takes off the path of the part that speaks: "reth::cli: ", and
// "solana_core::replay_stage] ".
func cutTarget(text []byte) []byte {
	path, n := false, 0
	for n < len(text) && n < maxName && (logtext.IsWord(text[n]) || text[n] == ':') {
		path = path || text[n] == ':' && n+1 < len(text) && text[n+1] == ':'
		n++
	}
	if path {
		if rest, ok := cutPrefix(text[n-1:], ": "); ok {
			return rest
		}
		if rest, ok := cutPrefix(text[n:], "] "); ok {
			return rest
		}
	}
	return text
}

func clip(text []byte, length int) []byte { return text[:min(len(text), length)] }
