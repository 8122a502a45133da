// Package alephlog reads the log of an aleph-node, or of another node that is
// built on Substrate, and says what each line means: which block the node has,
// which one it holds for final, whether it catches up, makes blocks, has just
// started, or cannot go on.
//
// A line counts for what stands at the start of its message, behind the stamp
// that the node puts there. Text further on may come from anywhere on the
// network and is never taken for an event. For the same reason a line without
// a stamp, such as the second line of a message, never says anything about a
// block.
//
// The package never looks at a clock, at a file or at the network: what it
// emits depends on the lines alone. It costs the same however long a line is.
package alephlog

import (
	"context"
	"sync"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/logtext"
)

// maxText is how much of a line is looked at, in bytes. All that counts stands
// at the start of a message, so the rest of a long line is never touched.
const maxText = 4096

// Parser is the log parser. It may be used by many goroutines at once.
type Parser struct {
	config Config
	kinds  *kinds
	// buffers are for lines that have to be decoded, so that these cost no
	// allocation either. Nothing of a line stays in use behind ParseLine.
	buffers sync.Pool
}

var (
	_ sdk.LogParser[State] = (*Parser)(nil)
	_ sdk.Configurable     = (*Parser)(nil)
	_ sdk.Starter          = (*Parser)(nil)
)

// New makes a parser that follows the only chain of its log.
func New() *Parser {
	return &Parser{kinds: newKinds(""), buffers: sync.Pool{New: func() any { return new([maxText]byte) }}}
}

// Config is the config block, for the host to describe and to fill in.
func (p *Parser) Config() any { return &p.config }

// Start takes on the profile.
func (p *Parser) Start(context.Context) error {
	p.kinds = newKinds(p.config.Profile)
	if p.config.Chain == "" && p.config.Profile == profileAutonomys {
		p.config.Chain = consensusChain
	}
	return nil
}

// ParseLine emits what one line says, mostly nothing.
func (p *Parser) ParseLine(state *State, line sdk.Line, emit func(sdk.Event)) {
	text, cut := line.Text, line.Truncated
	if len(text) > maxText {
		text, cut = text[:maxText], true
	}
	if len(text) == 0 {
		return
	}
	// Field by field, because a literal is built aside and copied.
	var r reading
	r.chain, r.kinds, r.state, r.emit, r.cut = p.config.Chain, p.kinds, state, emit, cut
	dated := logtext.DatedLen(text)
	if r.usual(text, dated) || text[0] != '{' && !logtext.HasColour(text) && r.line(text, dated) {
		return
	}
	buffer := p.buffers.Get().(*[maxText]byte)
	r.header = header{}
	text = decode(buffer[:0], text)
	if dated = logtext.DatedLen(text); !r.usual(text, dated) {
		r.line(text, dated)
	}
	p.buffers.Put(buffer)
}

// reading is one line on its way through the parser.
type reading struct {
	chain string
	kinds *kinds
	state *State
	emit  func(sdk.Event)
	// cut says that the end of the line is missing.
	cut bool
	header
	// prefix is the chain's name in front of the message, empty where there
	// is none.
	prefix []byte
	// emoji is what the message begins with, empty where it has none.
	emoji []byte
	// said is the message from its first word on.
	said []byte
}

// line reads a line of plain text, which begins with a date of this length. It
// is not done where the text has colours that must be taken off first.
func (r *reading) line(text []byte, dated int) (done bool) {
	text = trimRight(text)
	r.header.read(text, dated)
	switch {
	case r.level == noLevel && logtext.HasSpelledColour(text):
		return false
	case r.stamp == noStamp, r.stamp != nodeStamp && r.state.Stamped:
		// Where the node stamps its own lines, one that only a keeper stamped is
		// the second line of a message.
		r.unstamped(r.body)
	default:
		k, rest := r.find()
		if k == nothing && r.state.Open != closed && r.level == noLevel {
			r.unstamped(r.body) // a keeper's stamp in the form of a node's
			return true
		}
		r.begin(r.stamp == nodeStamp, k)
		r.message(k, rest)
	}
	return true
}

// begin notes that a message begins, and that it is not the version which the
// banner promised.
func (r *reading) begin(byNode bool, k kind) {
	if byNode {
		r.state.Stamped = true
	}
	r.state.Open = closed
	if r.state.Banner && k != version {
		r.state.Banner = false
		r.emit(sdk.NodeStarted{})
	}
}

// What follows the stamp of the lines that make up most of a log, one for each
// block: from the official image, and in the simple form.
const (
	usualImport  = "  INFO tokio-runtime-worker substrate: ✨ Imported #"
	simpleImport = " ✨ Imported #"
)

// usual reads one of these lines, which begins with a date of this length. It
// reads nothing that line would not read, only sooner.
func (r *reading) usual(text []byte, dated int) bool {
	if dated == 0 {
		return false
	}
	rest, ok := cutPrefix(text[dated:], usualImport)
	if !ok {
		if rest, ok = cutPrefix(text[dated:], simpleImport); !ok {
			return false
		}
	}
	r.begin(true, imported)
	r.imported(rest)
	return true
}

// find looks for a known message, first right behind the stamp and the level,
// then behind the thread and the target that may follow them.
func (r *reading) find() (kind, []byte) {
	if rest, ok := cutPrefix(r.body, usualThread); ok && r.level != noLevel {
		if !r.cutNamedTarget(trimLeft(rest)) {
			return nothing, nil
		}
		return r.start(r.body)
	}
	if k, rest := r.start(r.body); k != nothing {
		return k, rest
	}
	if !r.readTarget() {
		return nothing, nil
	}
	return r.start(r.body)
}

// start takes the chain's prefix and the emoji off a message, in either order,
// and says what the message is by its first words.
func (r *reading) start(body []byte) (kind, []byte) {
	r.prefix, r.emoji = r.span, nil
	for range 3 {
		if len(body) == 0 {
			return nothing, nil
		}
		if isLetter(body[0]) {
			r.said = body
			return r.kindOf(body)
		}
		if body[0] == '[' && len(r.prefix) == 0 {
			var ok bool
			if r.prefix, body, ok = cutChain(body); !ok {
				return nothing, nil
			}
			r.nameChain()
			continue
		}
		if n := emojiLen(body); n > 0 {
			r.emoji, body = body[:n], body[n:]
			continue
		}
		r.said = body
		return r.kindOf(body)
	}
	return nothing, nil
}

// kindOf says what a message is. One that begins with an emoji and reads as the
// informant's is it, whatever the state that it names.
func (r *reading) kindOf(text []byte) (kind, []byte) {
	k, rest := r.kinds.of(text)
	if k == nothing && len(r.emoji) > 0 && isInformant(text) {
		return informant, text
	}
	return k, rest
}

// message says what a stamped line means.
func (r *reading) message(k kind, rest []byte) {
	switch {
	case k == nothing:
	case k >= firstTrouble:
		if r.level == noLevel || r.level == levelError || r.level == levelWarn && k >= firstWarned {
			r.trouble(k, rest)
		}
	case r.level == noLevel || r.level == levelInfo:
		r.news(k, rest)
	}
}

// news says what a message means that is no trouble.
func (r *reading) news(k kind, rest []byte) {
	switch k {
	case imported:
		r.imported(rest)
	case status:
		r.status(rest)
	case informant:
		r.informant()
	case reorg:
		r.reorg(rest)
	case baseline:
		r.baseline(rest)
	case banner:
		r.banner(rest)
	case version:
		r.version(rest)
	default:
		if r.ours() {
			r.aleph(k, rest)
		}
	}
}

// aleph reads the messages that concern the node's part in its chain.
func (r *reading) aleph(k kind, rest []byte) {
	switch k {
	case prepared, proposing:
		r.produced(rest, sdk.Prepared)
	case sealed:
		r.produced(rest, sdk.Sealed)
	case session:
		r.session(rest)
	case farBehind:
		r.syncState(rest, true)
	case closeUp:
		r.syncState(rest, false)
	case network:
		r.network(rest)
	}
}
