package logregexp

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// facts compiles the facts of a pattern: those that are written down, and each
// group that is neither one of them nor a field of an event.
func (w *compiling) facts(p *pattern, config Pattern, groups groupsOf, used map[string]bool, at place) {
	for i, c := range config.Facts {
		at := at.in("fact", strconv.Itoa(i))
		f := fact{name: c.Name, kind: c.Type, scale: c.Scale}
		if !isFactName(c.Name) {
			w.fail(at.in("name"), "Use letters, digits and _, and begin with a letter.", "%q cannot be the name of a fact", c.Name)
		}
		if slices.ContainsFunc(p.facts, func(f fact) bool { return f.name == c.Name }) {
			w.fail(at.in("name"), "", "pattern %q gives fact %q twice", config.Name, c.Name)
		}
		w.source(&f, c, groups, used, at)
		w.scale(f, at)
		w.add(p, f, at.in("type"))
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if !used[name] {
			w.add(p, fact{name: name, group: groups[name], kind: typeNumber, scale: 1}, at.in("match"))
		}
	}
}

// source finds where the value of a fact comes from: a constant or a group.
func (w *compiling) source(f *fact, c Fact, groups groupsOf, used map[string]bool, at place) {
	if c.Value != "" {
		if c.Group != "" {
			w.fail(at.in("value"), "Keep one of the two.", "fact %q has a constant value and a group", c.Name)
		}
		var ok bool
		if f.constant, ok = f.read([]byte(c.Value)); !ok {
			w.fail(at.in("value"), "", "%q is no %s", c.Value, f.kind)
		}
		return
	}
	name := c.Group
	if name == "" {
		name = c.Name
	}
	index, there := groups[name]
	if !there {
		w.fail(at.in(attributeOf(c)), groupsHint(groups), "no group of match is called %q", name)
	}
	f.group = index
	used[name] = true
}

// attributeOf is the attribute that names the group of a fact.
func attributeOf(c Fact) string {
	if c.Group != "" {
		return "group"
	}
	return "name"
}

func groupsHint(groups groupsOf) string {
	if len(groups) == 0 {
		return `It has no named group: write (?P<name>...) around the value, or give the fact a constant value.`
	}
	return fmt.Sprintf("Its groups are %s; set group to one of them.", strings.Join(slices.Sorted(maps.Keys(groups)), ", "))
}

func (w *compiling) scale(f fact, at place) {
	at = at.in("scale")
	switch {
	case f.scale == 1:
	case f.valueType() != typeNumber:
		w.fail(at, "", "a %s cannot be scaled", f.kind)
	case f.scale == 0 || !isFinite(f.scale):
		w.fail(at, "", "%v leaves nothing of the number", f.scale)
	}
}

// add takes a fact that is of the same type wherever it is given: a rule that
// compares it with a number could not read it otherwise.
func (w *compiling) add(p *pattern, f fact, at place) {
	before, known := w.types[f.name]
	if known && before.kind != f.valueType() {
		w.fail(at, "Give it the same type, or another name.", "fact %q is a %s here, and a %s in pattern %q", f.name, f.valueType(), before.kind, before.pattern)
	}
	if !known {
		w.types[f.name] = typed{kind: f.valueType(), pattern: p.name}
	}
	p.facts = append(p.facts, f)
}

// isFactName says whether a rule can read fact.NAME.
func isFactName(name string) bool {
	if name == "" || len(name) > maxName || isDigit(name[0]) || name[0] == '-' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f || !isWord(byte(r)) && r != '-' })
}
