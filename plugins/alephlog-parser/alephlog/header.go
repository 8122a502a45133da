package alephlog

import (
	"bytes"

	"github.com/headwatch/headwatch/sdk/logtext"
)

// stamp says who stamped a line.
type stamp uint8

const (
	// noStamp: nobody did; it may be the second line of a message.
	noStamp stamp = iota
	// keeperStamp: the keeper of the log, such as journald.
	keeperStamp
	// nodeStamp: the node itself.
	nodeStamp
)

// header is what stands before a message.
type header struct {
	stamp stamp
	level level
	// span is what the node was at, empty where it does not say. A chain may be
	// named like that.
	span []byte
	// target is the part of the node that speaks; empty where it is not named.
	target []byte
	// body is what follows: the message, or what is left of the header where
	// thread and target have not been read yet.
	body []byte
}

// level is how loud a message is.
type level uint8

const (
	noLevel level = iota
	levelInfo
	levelWarn
	levelError
	levelDebug // and quieter
)

// usualThread is the thread that logs nearly every line.
const usualThread = "tokio-runtime-worker "

// maxWord bounds the names in a header, in bytes.
const maxWord = 128

// digitsOfKeeper is how exact the stamps of Docker and of Kubernetes are; no
// node's are. In this way a line that only its keeper stamped is told from one
// that a node stamped in the same form.
const digitsOfKeeper = 9

// read takes the stamps and the level off a line, which begins with a date of
// this length. Where nobody stamped it, the body is the whole line, less the name
// of its source.
func (h *header) read(text []byte, dated int) {
	if dated > 0 && dated < len(text) && isBlank(text[dated]) {
		if h.level, h.body = cutLevel(trimLeft(text[dated:])); h.level != noLevel {
			h.stamp = nodeStamp
			return
		}
	}
	h.behind(text, logtext.FindStamp(text))
}

// behind goes on behind a stamp.
func (h *header) behind(text []byte, s logtext.Stamp) {
	rest := text[s.End:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:] // pm2 writes "stamp: "
	}
	if s.Form == logtext.None || s.Form == logtext.Other || len(rest) == 0 || !isBlank(rest[0]) {
		h.body = skipSource(text)
		return
	}
	h.stamp = nodeStamp
	if s.Form == logtext.Zoned && s.Digits == digitsOfKeeper {
		h.stamp = keeperStamp
	}
	if h.level, h.body = cutLevel(trimLeft(rest)); h.level != noLevel {
		return
	}
	if inner, ok := cutRuntime(h.body); ok {
		h.stamp, h.body = noStamp, skipSource(inner)
	} else if inner, ok := cutUnit(h.body); ok {
		h.stamp, h.body = keeperStamp, skipSource(inner)
	}
}

// skipSource takes off the name that docker-compose, pm2 and kubectl put in
// front of a line: "name  | " and "[pod/name/container] ".
func skipSource(text []byte) []byte {
	if rest, ok := cutPrefix(text, "[pod/"); ok {
		if i := bytes.IndexByte(clip(rest, maxWord), ']'); i >= 0 && i+1 < len(rest) && rest[i+1] == ' ' {
			return rest[i+2:]
		}
		return text
	}
	word := bytes.IndexByte(clip(text, maxWord), ' ')
	if word <= 0 {
		return text
	}
	if rest, ok := cutPrefix(trimLeft(text[word:]), "| "); ok {
		return rest
	}
	return text
}

// cutRuntime takes off "stderr F ", which a container runtime puts behind its
// stamp.
func cutRuntime(text []byte) ([]byte, bool) {
	rest, ok := cutPrefix(text, "stderr ")
	if !ok {
		rest, ok = cutPrefix(text, "stdout ")
	}
	if !ok || len(rest) < 2 || rest[0] != 'F' && rest[0] != 'P' || rest[1] != ' ' {
		return nil, false
	}
	return rest[2:], true
}

// cutUnit takes off "host unit[123]: ", which journald puts behind its stamp.
func cutUnit(text []byte) ([]byte, bool) {
	host := bytes.IndexByte(clip(text, maxWord), ' ')
	if host <= 0 {
		return nil, false
	}
	rest := text[host+1:]
	unit := bytes.IndexByte(clip(rest, maxWord), '[')
	if unit <= 0 || bytes.IndexByte(rest[:unit], ' ') >= 0 {
		return nil, false
	}
	rest = rest[unit+1:]
	n := logtext.DigitsLen(rest)
	if n == 0 {
		return nil, false
	}
	return cutPrefix(rest[n:], "]: ")
}

// cutLevel takes the level off what follows a stamp.
func cutLevel(text []byte) (level, []byte) {
	if rest, ok := cutPrefix(text, "INFO "); ok {
		return levelInfo, trimLeft(rest)
	}
	name, is := "", noLevel
	if len(text) > 0 {
		switch text[0] {
		case 'W':
			name, is = "WARN ", levelWarn
		case 'E':
			name, is = "ERROR ", levelError
		case 'D':
			name, is = "DEBUG ", levelDebug
		case 'T':
			name, is = "TRACE ", levelDebug
		}
	}
	if rest, ok := cutPrefix(text, name); ok && is != noLevel {
		return is, trimLeft(rest)
	}
	return noLevel, text
}
