package logregexp

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxWords is how many words an expression may be looked for by; with more,
// the expression itself is as quick.
const maxWords = 24

// expression is a regular expression with what tells most lines that it does
// not match from the others, at a hundredth of its cost. The zero value matches
// nothing.
type expression struct {
	compiled *regexp.Regexp
	// words are such that one of them stands in each line whose message
	// matches, however the line is written; empty where there are none.
	words [][]byte
	// prefix is what each text that matches begins with.
	prefix []byte
	// first are the bytes that a text which matches begins with; nil where that
	// may be any.
	first *[256]bool
}

// newExpression compiles an expression, with the syntax that regexp.Compile
// takes.
func newExpression(text string) (expression, error) {
	compiled, err := regexp.Compile(text)
	if err != nil {
		return expression{}, err
	}
	e := expression{compiled: compiled}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return expression{}, err
	}
	tree = tree.Simplify()
	e.prefix = []byte(prefixOf(tree))
	e.first = firstOf(tree)
	for _, word := range wordsOf(tree) {
		e.words = append(e.words, []byte(word))
	}
	return e, nil
}

// mayBeIn says whether the expression may match a text, or the message of a
// line, which can thus be asked before it is taken apart.
func (e *expression) mayBeIn(line []byte) bool {
	for _, word := range e.words {
		if bytes.Contains(line, word) {
			return true
		}
	}
	return len(e.words) == 0
}

// mayBegin says whether the expression may match a text that begins like this.
func (e *expression) mayBegin(text []byte) bool {
	return e.first == nil || len(text) > 0 && e.first[text[0]]
}

// find gives the bounds of the groups, nil where the text does not match.
func (e *expression) find(text []byte) []int {
	if !bytes.HasPrefix(text, e.prefix) {
		return nil
	}
	return e.compiled.FindSubmatchIndex(text)
}

// matches says whether the text matches.
func (e *expression) matches(text []byte) bool {
	return e.compiled != nil && bytes.HasPrefix(text, e.prefix) && e.mayBeIn(text) && e.compiled.Match(text)
}

// prefixOf is the text that all begin with which an expression matches.
func prefixOf(tree *syntax.Regexp) string {
	if tree.Op != syntax.OpConcat || tree.Sub[0].Op != syntax.OpBeginText {
		return ""
	}
	first := tree.Sub[1]
	if first.Op != syntax.OpLiteral || first.Flags&syntax.FoldCase != 0 {
		return ""
	}
	return string(first.Rune)
}

// wordsOf gives words one of which stands in each text that an expression
// matches. It gives words alone, not whole literals, since a message may be
// written with other characters in between: "block height=5" stands as
// "height":5 somewhere before "block" in a line of JSON.
func wordsOf(tree *syntax.Regexp) []string {
	switch tree.Op {
	case syntax.OpLiteral:
		if word := longestWord(tree); word != "" {
			return []string{word}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return wordsOf(tree.Sub[0])
	case syntax.OpRepeat:
		if tree.Min > 0 {
			return wordsOf(tree.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range tree.Sub {
			// What stands further on, such as a value, tells more than its key.
			if words := wordsOf(sub); len(words) > 0 && !betterWords(best, words) {
				best = words
			}
		}
		return best
	case syntax.OpAlternate:
		return wordsOfEach(tree.Sub)
	}
	return nil
}

// wordsOfEach collects the words of alternatives, each of which must have one.
func wordsOfEach(alternatives []*syntax.Regexp) []string {
	var all []string
	for _, sub := range alternatives {
		words := wordsOf(sub)
		if len(words) == 0 {
			return nil
		}
		all = append(all, words...)
	}
	if len(all) > maxWords {
		return nil
	}
	return all
}

// longWord is how long a word is that tells enough by itself.
const longWord = 7

// betterWords says whether the words a stand in fewer lines than b. Of those that
// stand in as many the fewer are quicker to look for.
func betterWords(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) > 0
	}
	if rareA, rareB := rarest(a), rarest(b); rareA != rareB {
		return rareA > rareB
	}
	return len(a) < len(b)
}

// rarest is how rare the most frequent of some words is.
func rarest(words []string) int {
	least := rarity(words[0])
	for _, word := range words[1:] {
		least = min(least, rarity(word))
	}
	return least
}

// rarity is more for a word that stands in fewer lines: a long one, or one with
// capitals, with which a message begins or a thing is named.
func rarity(word string) int {
	n := min(len(word), longWord)
	if n > longWord/2+2 && strings.ToLower(word) != word {
		n += 2
	}
	return n
}

// longestWord is the word of a literal that tells most.
func longestWord(literal *syntax.Regexp) string {
	if literal.Flags&syntax.FoldCase != 0 {
		return ""
	}
	longest := ""
	for _, word := range strings.FieldsFunc(string(literal.Rune), func(r rune) bool { return r > 0x7f || !isWord(byte(r)) }) {
		if rarity(word) > rarity(longest) || rarity(word) == rarity(longest) && len(word) > len(longest) {
			longest = word
		}
	}
	return longest
}
