// Package logregexp reads the log of any node by regular expressions that its
// configuration holds, and says what each line means. Presets have the
// expressions for some nodes.
//
// Every pattern is tried on every line, and each that matches speaks, in the
// order of the configuration: to add a pattern never takes away what another
// one says. A pattern is matched against the message, which is the line without
// what stands before it: stamps, levels, colours, the names that a keeper of
// logs puts there. So ^ is the start of the message, and an expression that
// begins with it cannot be deceived by what a message quotes.
//
// The package never looks at a clock, at a file or at the network. It remembers
// nothing: what it emits depends on one line alone.
package logregexp

import (
	"bytes"
	"context"
	"sync"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/logtext"
)

// maxText is how much of a line is looked at, in bytes.
const maxText = 16 << 10

// State is what the parser remembers of a run: nothing.
type State struct{}

// Parser is the log parser. It may be used by many goroutines at once, each
// after Start.
type Parser struct {
	config Config
	// program is the compiled config, never changed once it is there.
	program program
	// buffers are for lines that have to be rewritten. Nothing of a line stays
	// in use behind ParseLine.
	buffers sync.Pool
}

var (
	_ sdk.LogParser[State] = (*Parser)(nil)
	_ sdk.Configurable     = (*Parser)(nil)
	_ sdk.Starter          = (*Parser)(nil)
)

// New makes a parser that says nothing until it is configured and started.
func New() *Parser {
	return &Parser{buffers: sync.Pool{New: func() any { return new([]byte) }}}
}

// Config is the config block, for the host to describe and to fill in.
func (p *Parser) Config() any { return &p.config }

// Start compiles the configuration.
func (p *Parser) Start(context.Context) (err error) {
	p.program, err = compile(&p.config)
	return err
}

// ParseLine emits what one line says, mostly nothing.
func (p *Parser) ParseLine(_ *State, line sdk.Line, emit func(sdk.Event)) {
	text, cut := line.Text, line.Truncated
	if len(text) > maxText {
		text, cut = text[:maxText], true
	}
	if bytes.IndexByte(text, '[') >= 0 && (logtext.HasColour(text) || logtext.HasSpelledColour(text)) {
		buffer := p.buffers.Get().(*[]byte)
		*buffer = appendPlain((*buffer)[:0], text)
		p.plain(*buffer, cut, emit)
		p.buffers.Put(buffer)
		return
	}
	p.plain(text, cut, emit)
}

// plain reads a line of plain text. Most lines end here.
func (p *Parser) plain(text []byte, cut bool, emit func(sdk.Event)) {
	text = trimRight(text)
	if found := p.program.finder.find(text); found != 0 {
		p.parse(text, cut, found, emit)
	}
}

// parse has those of the found patterns speak that match a line of plain text.
func (p *Parser) parse(line []byte, cut bool, found patternSet, emit func(sdk.Event)) {
	r := reading{parser: p, program: &p.program, line: line, cut: cut, emit: emit}
	r.said = cutHeader(r.line)
	r.structured = isStructured(r.said)
	for i := range p.program.patterns {
		if pattern := &p.program.patterns[i]; found.has(i) && r.mayMatch(pattern) {
			r.try(pattern)
		}
	}
	if r.flat != nil {
		p.buffers.Put(r.flat)
	}
}

// reading is one line on its way through the patterns.
type reading struct {
	parser  *Parser
	program *program
	// line is the line without colours. cut says that its end is missing.
	line []byte
	cut  bool
	emit func(sdk.Event)
	// said is the message. A structured one is laid out flat once a pattern may
	// match it.
	said       []byte
	structured bool
	flat       *[]byte
	// ignored is whether the configuration ignores the line, once it was asked.
	ignored, asked bool
}

// mayMatch tells most patterns that do not match a line from the others, at a
// small part of the cost of matching.
func (r *reading) mayMatch(p *pattern) bool {
	return p.wholeLine || r.structured || p.match.mayBegin(r.said)
}

// try has a pattern speak if it matches.
func (r *reading) try(p *pattern) {
	text := r.line
	if !p.wholeLine {
		text = r.message()
	}
	groups := p.match.find(text)
	if groups == nil || p.unless.matches(text) || r.isIgnored() {
		return
	}
	p.say(match{pattern: p, text: text, groups: groups, cut: r.cut}, r.emit)
}

// message is what the line says behind its header.
func (r *reading) message() []byte {
	if r.structured {
		r.structured = false
		r.flat = r.parser.buffers.Get().(*[]byte)
		var ok bool
		if *r.flat, ok = appendFlat((*r.flat)[:0], r.said); ok {
			r.said = *r.flat
		}
	}
	return r.said
}

// isIgnored says whether the configuration ignores the line. Only a line that
// a pattern matches is asked.
func (r *reading) isIgnored() bool {
	for i := 0; !r.asked && i < len(r.program.ignore); i++ {
		r.ignored = r.ignored || r.program.ignore[i].matches(r.message())
	}
	r.asked = true
	return r.ignored
}
