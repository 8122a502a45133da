package alephlog

import (
	"bytes"

	"github.com/headwatch/headwatch/sdk/logtext"
)

// maxChain bounds the prefix of a chain, in bytes.
const maxChain = 64

// maxHash bounds what stands in brackets behind a block number, in bytes: two
// hashes of 64 digits and an arrow.
const maxHash = 160

// shortHash is the length of "0x1234…abcd".
const shortHash = 13

func isDigit(c byte) bool { return logtext.IsDigit(c) }

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

func isBlank(c byte) bool { return logtext.IsBlank(c) }

// cutPrefix is bytes.CutPrefix for a string.
func cutPrefix(text []byte, prefix string) ([]byte, bool) {
	if len(text) < len(prefix) || string(text[:len(prefix)]) != prefix {
		return nil, false
	}
	return text[len(prefix):], true
}

// clip is the start of text, at most limit bytes of it.
func clip(text []byte, limit int) []byte { return text[:min(len(text), limit)] }

func trimLeft(text []byte) []byte { return logtext.TrimLeft(text) }

func trimRight(text []byte) []byte { return logtext.TrimRight(text) }

// cutChain takes "[Parachain] " off text. "[#123] " is a block of the runtime
// and no chain.
func cutChain(text []byte) (chain, rest []byte, ok bool) {
	end := bytes.IndexByte(clip(text, maxChain+2), ']')
	if end < 2 || end+1 >= len(text) || text[end+1] != ' ' || bytes.IndexByte(text[:end], '#') >= 0 {
		return nil, nil, false
	}
	return text[1:end], trimLeft(text[end+2:]), true
}

// largest is the largest number of 64 bits.
const largest = "18446744073709551615"

// cutNumber takes a number off text. One that does not fit in 64 bits is none.
func cutNumber(text []byte) (number uint64, rest []byte, ok bool) {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		number = number*10 + uint64(text[n]-'0')
		n++
	}
	if n > len(largest) || n == len(largest) && string(text[:n]) > largest {
		return 0, nil, false
	}
	return number, text[n:], n > 0
}

// cutHash takes " (0x1234…abcd)" off text. Where brackets hold a block's parent
// and the block itself, with an arrow between them, hash is the latter.
func cutHash(text []byte) (hash, rest []byte, ok bool) {
	inner, ok := cutPrefix(text, " (")
	if !ok {
		return nil, nil, false
	}
	end := bytes.IndexByte(clip(inner, maxHash), ')')
	if end < 0 || !hashLike(inner[:end]) {
		return nil, nil, false
	}
	hash, rest = inner[:end], inner[end+1:]
	if len(hash) > shortHash {
		if last := bytes.LastIndexByte(hash, ' '); last >= 0 {
			hash = hash[last+1:]
			return hash, rest, hashLike(hash)
		}
	}
	return hash, rest, true
}

// hashLike says whether text begins as a hash does. How a hash is shortened
// differs, and the sign for it may be damaged. In 2018 it began without 0x.
func hashLike(text []byte) bool {
	if len(text) > 2 && text[0] == '0' && text[1] == 'x' {
		return isHex(text[2])
	}
	return len(text) > 8 && isHex(text[0]) && isHex(text[1]) && isHex(text[2]) && isHex(text[3])
}

func isHex(c byte) bool { return isDigit(c) || c|0x20-'a' < 6 }

// wholeHash is a hash as an event carries it: empty where the log shortened it,
// since nothing can be looked up by what is left of it.
func wholeHash(hash []byte) string {
	if len(hash) != len("0x")+64 {
		return ""
	}
	for _, c := range hash[2:] {
		if !isHex(c) {
			return ""
		}
	}
	return string(hash)
}
