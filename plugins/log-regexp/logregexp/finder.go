package logregexp

import (
	"encoding/binary"
	"slices"
)

// finder tells by one pass over a line which patterns may match it: those of
// which a word stands there. It looks at three bytes at each stride, so that
// it meets every word wherever that stands.
type finder struct {
	// always are the patterns that no word is known of.
	always patternSet
	// asked are looked for one by one: the few with a word so short that it
	// would cost all others more.
	asked []asked
	// stride is how far apart the places are that are looked at; 0 where there
	// are no words.
	stride int
	// buckets has the bucket of each hash, 0 for none.
	buckets [1 << hashBits]uint16
	// parts are the buckets; the first is empty.
	parts [][]part
}

type asked struct {
	words *expression
	of    patternSet
}

// part is three bytes of a word.
type part struct {
	gram   uint32
	word   []byte
	before int // how many bytes of the word stand before them
	of     patternSet
}

// patternSet is a set of patterns by their indices. Those from 63 on share one
// bit.
type patternSet uint64

func setOf(i int) patternSet { return 1 << min(i, 63) }

func (s patternSet) has(i int) bool { return s&setOf(i) != 0 }

const (
	gramLen   = 3
	gramMask  = 1<<(8*gramLen) - 1
	hashBits  = 12
	maxStride = 8
	// shortWord is a length below which a word is asked for by itself, where that
	// makes at most maxAsked words.
	shortWord = 5
	maxAsked  = 2
)

// gramOf are the first bytes of text.
func gramOf(text []byte) uint32 {
	return uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16
}

func hashOf(gram uint32) uint32 { return gram * 0x9E3779B1 >> (32 - hashBits) }

// newFinder makes the finder of patterns.
func newFinder(patterns []pattern) *finder {
	f := &finder{parts: make([][]part, 1)}
	least := f.ask(patterns)
	byWord := map[string]patternSet{}
	shortest := gramLen + maxStride - 1
	for i := range patterns {
		words := patterns[i].match.words
		if len(words) == 0 {
			f.always |= setOf(i)
		}
		for _, word := range words {
			if shortestOf(words) >= least {
				byWord[string(word)] |= setOf(i)
				shortest = min(shortest, len(word))
			}
		}
	}
	if len(byWord) > 0 {
		f.stride = shortest - gramLen + 1
	}
	for word, of := range byWord {
		from := mostCapitals(word, f.stride+gramLen-1)
		for before := from; before < from+f.stride; before++ {
			f.add(part{gramOf([]byte(word[before:])), []byte(word), before, of})
		}
	}
	return f
}

// ask chooses the patterns that are looked for one by one, and gives the length
// that the words of all others have at least.
func (f *finder) ask(patterns []pattern) int {
	for _, least := range []int{shortWord, gramLen} {
		words := 0
		f.asked = nil
		for i := range patterns {
			if e := &patterns[i].match; len(e.words) > 0 && shortestOf(e.words) < least {
				f.asked = append(f.asked, asked{e, setOf(i)})
				words += len(e.words)
			}
		}
		if words <= maxAsked {
			return least
		}
	}
	return gramLen
}

func shortestOf(words [][]byte) int {
	return len(slices.MinFunc(words, func(a, b []byte) int { return len(a) - len(b) }))
}

// mostCapitals is where those n bytes of a word begin that have most capitals,
// since these stand in few other words.
func mostCapitals(word string, n int) int {
	best, at := -1, 0
	for i := 0; i+n <= len(word); i++ {
		capitals := 0
		for _, c := range word[i : i+n] {
			if 'A' <= c && c <= 'Z' {
				capitals++
			}
		}
		if capitals > best {
			best, at = capitals, i
		}
	}
	return at
}

func (f *finder) add(p part) {
	bucket := &f.buckets[hashOf(p.gram)]
	if *bucket == 0 {
		*bucket = uint16(len(f.parts))
		f.parts = append(f.parts, nil)
	}
	f.parts[*bucket] = append(f.parts[*bucket], p)
}

// find gives the patterns that may match a line, or the message of a line.
func (f *finder) find(line []byte) patternSet {
	found := f.always
	for _, a := range f.asked {
		if a.words.mayBeIn(line) {
			found |= a.of
		}
	}
	if f.stride == 0 {
		return found
	}
	at, stride := 0, f.stride
	for ; at+4 <= len(line); at += stride {
		gram := binary.LittleEndian.Uint32(line[at:]) & gramMask
		if bucket := f.buckets[hashOf(gram)]; bucket != 0 {
			found |= f.wordsAt(line, at, gram, bucket)
		}
	}
	if at+gramLen <= len(line) {
		gram := gramOf(line[at:])
		found |= f.wordsAt(line, at, gram, f.buckets[hashOf(gram)])
	}
	return found
}

// wordsAt gives the patterns of the words that stand around this place.
func (f *finder) wordsAt(line []byte, at int, gram uint32, bucket uint16) (found patternSet) {
	for i := range f.parts[bucket] {
		p := &f.parts[bucket][i]
		if p.gram != gram || at < p.before {
			continue
		}
		if rest := line[at-p.before:]; len(rest) >= len(p.word) && string(rest[:len(p.word)]) == string(p.word) {
			found |= p.of
		}
	}
	return found
}
