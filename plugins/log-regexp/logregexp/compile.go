package logregexp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// compiling is a configuration on its way to a program, with all that was found
// wrong with it.
type compiling struct {
	program program
	found   []error
	// types has the type of each fact and the pattern that gave it.
	types map[string]typed
}

type typed struct{ kind, pattern string }

// compile compiles a configuration, or says everything that is wrong with it.
func compile(c *Config) (program, error) {
	work := compiling{types: map[string]typed{}}
	if c.Preset == "" && len(c.Patterns) == 0 {
		return program{}, sdk.AttributeError(errors.New("no preset is named and no pattern is written, so no line would mean anything"),
			`Write preset = "geth", or a pattern { ... } block.`, "preset")
	}
	for i, text := range c.Ignore {
		if e, ok := work.expression(text, place{"ignore", strconv.Itoa(i)}); ok {
			work.program.ignore = append(work.program.ignore, e)
		}
	}
	names := map[string]int{}
	for i, p := range c.Patterns {
		at := place{"pattern", strconv.Itoa(i)}
		if before, taken := names[p.Name]; taken {
			work.fail(at.in("name"), "Give each pattern a name of its own.", "%q is the name of pattern %d already", p.Name, before+1)
		}
		names[p.Name] = i
	}
	preset := presetPatterns(c.Preset)
	for _, p := range preset {
		if _, replaced := names[p.Name]; !replaced {
			work.pattern(p, nil)
		}
	}
	for i, p := range c.Patterns {
		at := place{"pattern", strconv.Itoa(i)}
		if p.Enabled {
			work.pattern(p, at)
		} else if isOf := slices.ContainsFunc(preset, func(q Pattern) bool { return q.Name == p.Name }); !isOf && p.Match == "" {
			work.fail(at.in("name"), leftOutHint(c.Preset, preset), "%q is no pattern of the preset, so that nothing is left out", p.Name)
		}
	}
	work.program.finder = newFinder(work.program.patterns)
	return work.program, errors.Join(work.found...)
}

func leftOutHint(name string, preset []Pattern) string {
	if name == "" {
		return "No preset is named."
	}
	var names []string
	for _, p := range preset {
		names = append(names, p.Name)
	}
	return fmt.Sprintf("The patterns of %s are %s.", name, strings.Join(names, ", "))
}

// place is a path of names and indices in the config block.
type place []string

// in is a place further inwards.
func (p place) in(names ...string) place { return slices.Concat(p, names) }

// fail notes a mistake.
func (w *compiling) fail(at place, hint, format string, args ...any) {
	w.found = append(w.found, sdk.AttributeError(fmt.Errorf(format, args...), hint, at...))
}

// pattern compiles one pattern. A pattern with a mistake is left out; its
// mistakes are noted.
func (w *compiling) pattern(config Pattern, at place) {
	before := len(w.found)
	p := pattern{name: config.Name, wholeLine: config.WholeLine}
	var ok bool
	if config.Match == "" {
		w.fail(at.in("match"), "", "is missing: pattern %q needs an expression", config.Name)
		return
	}
	if p.match, ok = w.expression(config.Match, at.in("match")); !ok {
		return
	}
	if config.Unless != "" {
		p.unless, _ = w.expression(config.Unless, at.in("unless"))
	}
	groups := w.groups(&p, at)
	used := map[string]bool{}
	w.events(&p, config, groups, used, at)
	w.facts(&p, config, groups, used, at)
	if len(w.found) == before && len(p.events)+len(p.facts) == 0 {
		w.fail(at.in("match"), `Name a group, as in "peers=(?P<peers>[0-9]+)", or set events.`, "pattern %q says nothing", config.Name)
	}
	w.program.patterns = append(w.program.patterns, p)
}

// expression compiles a regular expression. A line end behind it, as a heredoc
// leaves it, is no part of it.
func (w *compiling) expression(text string, at place) (expression, bool) {
	text = strings.TrimRight(text, "\r\n")
	e, err := newExpression(text)
	if err != nil {
		problem, hint := explainSyntax(text, err)
		w.fail(at, hint, "%s", problem)
		return e, false
	}
	if what := tooWide(e); what != "" {
		w.fail(at, "Add words that stand in the lines that are meant, and in no others.", "%q matches %s", text, what)
		return e, false
	}
	return e, true
}

// tooWide says what an expression matches that tells no line from another.
func tooWide(e expression) string {
	if e.compiled.MatchString("") {
		return "the empty line, and so every line"
	}
	for _, probe := range []string{"a", "0", " ", "-", "…"} {
		if !e.compiled.MatchString(probe) {
			return ""
		}
	}
	return "every line"
}

// groupsOf are the named groups of a pattern. Alternatives may have groups of
// one name; at most one of them takes part in a match.
type groupsOf map[string][]int

func (w *compiling) groups(p *pattern, at place) groupsOf {
	groups := groupsOf{}
	for i, name := range p.match.compiled.SubexpNames() {
		if name == "" {
			continue
		}
		if isDigit(name[0]) {
			w.fail(at.in("match"), "Begin its name with a letter.", "group %q cannot be a fact: its name begins with a digit", name)
		}
		groups[name] = append(groups[name], i)
	}
	return groups
}

// events compiles the events of a pattern, and notes which groups they use.
func (w *compiling) events(p *pattern, config Pattern, groups groupsOf, used map[string]bool, at place) {
	for i, name := range config.Events {
		at := at.in("events", strconv.Itoa(i))
		kinds := eventKinds()
		k := slices.IndexFunc(kinds, func(k eventKind) bool { return k.name == name })
		switch {
		case k < 0:
			w.fail(at, "", "%q is no event", name)
		case slices.Contains(config.Events[:i], name):
			w.fail(at, "", "%q stands there twice", name)
		default:
			w.event(p, config, kinds[k], groups, used, at)
		}
	}
	both := slices.Contains(config.Events, "major_sync") && slices.Contains(config.Events, "not_major_sync")
	if both {
		w.fail(at.in("events"), "Write two patterns, one for each.", "a line cannot say both major_sync and not_major_sync")
	}
	if !slices.Contains(config.Events, fatalEvent) && (config.Cause != "" || config.Cures) {
		attribute := "cause"
		if config.Cause == "" {
			attribute = "restart_cures"
		}
		w.fail(at.in(attribute), `Add events = ["fatal"].`, "is for fatal events, and pattern %q has none", config.Name)
	}
}

// event compiles one event.
func (w *compiling) event(p *pattern, config Pattern, kind eventKind, groups groupsOf, used map[string]bool, at place) {
	e := event{numbered: kind.numbered, make: kind.make, text: groups[kind.text]}
	if len(e.text) > 0 {
		used[kind.text] = true
	}
	if kind.numbered {
		for _, name := range slices.Backward(kind.numberGroups()) {
			if index, there := groups[name]; there {
				e.number = index
				used[name] = true
			}
		}
		if len(e.number) == 0 {
			w.fail(at, fmt.Sprintf("Name the group in match that holds it: (?P<number>[0-9]+), or (?P<%s>[0-9]+).", kind.name),
				"event %q needs a number, and no group of pattern %q is called number", kind.name, config.Name)
		}
	}
	if kind.name == fatalEvent {
		cause, cures := config.Cause, config.Cures
		if cause == "" {
			cause = config.Name
		}
		e.whole = true
		e.make = func(_ uint64, message string) sdk.Event {
			return sdk.FatalCause{Kind: cause, Message: message, RestartCures: cures}
		}
	}
	p.events = append(p.events, e)
}
