package logregexp

import (
	"regexp/syntax"
	"unicode/utf8"
)

// firstOf are the bytes that a text begins with which an expression matches that
// begins with ^; nil where the text may begin with anything.
func firstOf(tree *syntax.Regexp) *[256]bool {
	var first firstBytes
	switch {
	case tree.Op == syntax.OpAlternate:
		for _, sub := range tree.Sub {
			of := firstOf(sub)
			if of == nil {
				return nil
			}
			for b, is := range of {
				first[b] = first[b] || is
			}
		}
		return (*[256]bool)(&first)
	case tree.Op != syntax.OpConcat || tree.Sub[0].Op != syntax.OpBeginText:
		return nil
	}
	for _, sub := range tree.Sub[1:] {
		empty, known := first.add(sub)
		if !known {
			return nil
		}
		if !empty {
			return (*[256]bool)(&first)
		}
	}
	return nil
}

// firstBytes collects what a text may begin with.
type firstBytes [256]bool

// add adds what an expression may begin with. It may match nothing at all, so
// that what follows it counts too; known is false where it may begin with
// anything.
func (f *firstBytes) add(tree *syntax.Regexp) (empty, known bool) {
	switch tree.Op {
	case syntax.OpLiteral:
		return false, tree.Flags&syntax.FoldCase == 0 && f.addRange(tree.Rune[0], tree.Rune[0])
	case syntax.OpCharClass:
		for i := 0; i < len(tree.Rune); i += 2 {
			if !f.addRange(tree.Rune[i], tree.Rune[i+1]) {
				return false, false
			}
		}
		return false, true
	case syntax.OpEmptyMatch:
		return true, true
	case syntax.OpCapture:
		return f.add(tree.Sub[0])
	case syntax.OpPlus:
		return f.add(tree.Sub[0])
	case syntax.OpStar, syntax.OpQuest:
		_, known = f.add(tree.Sub[0])
		return true, known
	case syntax.OpConcat:
		for _, sub := range tree.Sub {
			if empty, known = f.add(sub); !known || !empty {
				return empty, known
			}
		}
		return true, true
	case syntax.OpAlternate:
		for _, sub := range tree.Sub {
			one, known := f.add(sub)
			if !known {
				return false, false
			}
			empty = empty || one
		}
		return empty, true
	}
	return false, false
}

// addRange adds characters. All that are not ASCII begin with a byte above it.
func (f *firstBytes) addRange(low, high rune) bool {
	for c := low; c <= high && c < utf8.RuneSelf; c++ {
		f[c] = true
	}
	if high >= utf8.RuneSelf {
		for b := utf8.RuneSelf; b < 256; b++ {
			f[b] = true
		}
	}
	return true
}
