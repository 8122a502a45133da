package alephlog

import "bytes"

// readTarget takes thread and target off the body. The forms are, with and
// without a blank behind the colon:
//
//	LEVEL thread target: message     what nodes print today
//	LEVEL target: message
//	LEVEL span: target: message      subspace-node, whose spans name its chains
//	LEVEL thread [chain] target: message
//	thread LEVEL target  message     2019 and 2020
//
// Words of a message may look alike ("INFO Error decoding: ..."), so a thread
// must look like a thread, and a target without one like a target.
func (h *header) readTarget() bool {
	if h.level == noLevel {
		return h.readOldTarget()
	}
	if h.cutTarget(h.body) {
		return targetLike(h.target) || h.readSpan()
	}
	thread := bytes.IndexByte(clip(h.body, maxWord), ' ')
	if thread <= 0 || !threadLike(h.body[:thread]) {
		return false
	}
	return h.cutNamedTarget(trimLeft(h.body[thread:]))
}

// cutNamedTarget takes "target: " off text, and in front of it the name of a
// chain in brackets, which stood there at the end of 2020.
func (h *header) cutNamedTarget(text []byte) bool {
	if len(text) == 0 || text[0] != '[' {
		return h.cutTarget(text)
	}
	chain, rest, ok := cutChain(text)
	if !ok || !h.cutTarget(rest) {
		return false
	}
	h.span = chain
	return true
}

// readSpan takes what was taken for a target for the span in front of one.
func (h *header) readSpan() bool {
	span := h.target
	if !h.cutTarget(h.body) || !targetLike(h.target) {
		return false
	}
	h.span = span
	return true
}

// cutTarget takes "target: " off text. A target may be a path of Rust, as in
// "sc_cli::runner: ".
func (h *header) cutTarget(text []byte) bool {
	word := clip(text, maxWord)
	for end := 0; end < len(word); {
		colon := bytes.IndexByte(word[end:], ':')
		if colon < 0 {
			return false
		}
		end += colon
		if end+1 < len(word) && word[end+1] == ':' {
			end += 2
			continue
		}
		if end == 0 || bytes.IndexByte(word[:end], ' ') >= 0 {
			return false
		}
		h.target, h.body = text[:end], trimLeft(text[end+1:])
		return true
	}
	return false
}

// readOldTarget takes "thread LEVEL target  " off the body.
func (h *header) readOldTarget() bool {
	thread := bytes.IndexByte(clip(h.body, maxWord), ' ')
	if thread <= 0 || !threadLike(h.body[:thread]) {
		return false
	}
	level, text := cutLevel(trimLeft(h.body[thread:]))
	if level == noLevel {
		return false
	}
	end := bytes.IndexByte(clip(text, maxWord), ' ')
	if end <= 0 || end+1 >= len(text) || text[end+1] != ' ' {
		return false
	}
	h.level, h.target, h.body = level, text[:end], trimLeft(text[end:])
	return true
}

// threadLike tells the name of a thread from a word of a message: "main",
// "tokio-runtime-worker", "ThreadId(84)", "async-std/runtime".
func threadLike(word []byte) bool {
	return string(word) == "main" || bytes.ContainsAny(word, "-(/<")
}

// targetLike tells a target from a word of a message with a colon.
func targetLike(word []byte) bool {
	switch string(word) {
	case "substrate", "aura", "babe", "slots":
		return true
	}
	return bytes.ContainsAny(word, "-_:")
}
