package logregexp

import "bytes"

// maxParts bounds how many parts a header may have, maxName its names in bytes.
const (
	maxParts = 8
	maxName  = 128
)

// cutHeader takes off what stands before the message: stamps, levels, and the
// names that programs which keep logs put there. They may come in any order,
// since each keeper adds its own in front:
//
//	geth-1  | INFO [09-01|15:43:12.807] message
//	Mar 01 17:30:15 host canined[338904]: 5:30PM INF message
//	2023-11-01T19:01:17.616296Z  INFO reth::cli: message
//
// What is in no form that is known stays part of the message.
func cutHeader(text []byte) []byte {
	rest := cutSource(text)
	for range maxParts {
		rest = trimLeft(rest)
		if after, ok := cutStamp(rest); ok {
			rest = cutKeeper(trimLeft(after))
		} else if after, ok := cutLevel(rest); ok {
			rest = cutTarget(trimLeft(after))
		} else {
			break
		}
	}
	return rest
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
	for end < len(text) && isDigit(text[end]) {
		end++
	}
	if rest, ok := cutPrefix(text[end:], "]: "); ok && end > open+1 {
		return rest
	}
	return text
}

// isLevel knows the names of levels.
func isLevel(word []byte) bool {
	switch string(word) {
	case "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRIT", "CRITICAL", "FATAL",
		"TRC", "DBG", "INF", "WRN", "ERR", "FTL", "PNC", "PANIC", "DEBG", "ERRO",
		"D", "I", "W", "E":
		return true
	}
	return false
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
	if !isLevel(word[:n]) {
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
	for n < len(text) && n < maxName && (isWord(text[n]) || text[n] == ':') {
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
