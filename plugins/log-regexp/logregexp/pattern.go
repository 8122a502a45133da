package logregexp

import "github.com/headwatch/headwatch/sdk"

// program is a configuration, compiled.
type program struct {
	patterns []pattern
	ignore   []expression
	finder   *finder
}

// pattern is one pattern, compiled.
type pattern struct {
	name          string
	match, unless expression
	wholeLine     bool
	events        []event
	facts         []fact
}

// say emits what a matching line says, events first.
func (p *pattern) say(m match, emit func(sdk.Event)) {
	for _, e := range p.events {
		if said, ok := e.from(m); ok {
			emit(said)
		}
	}
	for _, f := range p.facts {
		if said, ok := f.from(m); ok {
			emit(said)
		}
	}
}
