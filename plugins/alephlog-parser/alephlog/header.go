package alephlog

import "bytes"

// header is what stands before a message.
type header struct {
	stamp stamp
	level level
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

// read takes the stamps and the level off a line. Where nobody stamped it, the
// body is the whole line, less the name of its source.
func (h *header) read(text []byte) {
	if n := dated(text); n > 0 {
		h.behind(nodeStamp, text, n)
		return
	}
	text = skipSource(text)
	if n := dated(text); n > 0 {
		h.behind(nodeStamp, text, n)
	} else if n, digits := zoned(text); n > 0 {
		h.behindLoose(text, n, digits == digitsOfKeeper)
	} else if n := monthly(text); n > 0 {
		h.behindLoose(text, n, false)
	} else if n := kibana(text); n > 0 {
		h.inner(noStamp, trimLeft(text[n:]))
	} else if n := timed(text); n > 0 {
		h.behind(nodeStamp, text, n)
	} else {
		h.body = text
	}
}

// behind goes on behind a stamp of n bytes.
func (h *header) behind(by stamp, text []byte, n int) {
	if n >= len(text) || !isBlank(text[n]) {
		h.body = text
		return
	}
	h.stamp = by
	h.level, h.body = cutLevel(trimLeft(text[n:]))
}

// behindLoose goes on behind a stamp of n bytes that may be the node's own or
// a keeper's.
func (h *header) behindLoose(text []byte, n int, keeper bool) {
	rest := text[n:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:] // pm2 writes "stamp: "
	}
	if len(rest) == 0 || !isBlank(rest[0]) {
		h.body = text
		return
	}
	rest = trimLeft(rest)
	by := nodeStamp
	if keeper {
		by = keeperStamp
	}
	if level, body := cutLevel(rest); level != noLevel {
		h.stamp, h.level, h.body = by, level, body
	} else if inner, ok := cutRuntime(rest); ok {
		h.inner(noStamp, inner)
	} else if inner, ok := cutUnit(rest); ok {
		h.inner(keeperStamp, inner)
	} else {
		h.inner(by, rest)
	}
}

// inner reads the node's own stamp behind that of a keeper. Without one, the
// line counts as stamped by the given one.
func (h *header) inner(otherwise stamp, text []byte) {
	n := dated(text)
	if n == 0 {
		n, _ = zoned(text)
	}
	if n == 0 {
		n = monthly(text)
	}
	if n == 0 {
		n = timed(text)
	}
	if n > 0 {
		h.behind(nodeStamp, text, n)
		return
	}
	h.stamp, h.body = otherwise, text
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
	n := digitsLen(rest)
	if n == 0 {
		return nil, false
	}
	return cutPrefix(rest[n:], "]: ")
}

// cutLevel takes the level off what follows a stamp.
func cutLevel(text []byte) (level, []byte) {
	name, is := "", noLevel
	if len(text) > 0 {
		switch text[0] {
		case 'I':
			name, is = "INFO ", levelInfo
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
