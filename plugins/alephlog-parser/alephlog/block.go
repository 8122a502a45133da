package alephlog

import (
	"bytes"

	"github.com/headwatch/headwatch/sdk"
)

// The facts that this parser gives beside the built-in ones.
const (
	peersFact  = "peers"
	targetFact = "target"
	doneFact   = "phase_done"
	shareFact  = "phase_percent"
	phaseFact  = "phase"
)

// maxState bounds what the informant says about its state, in bytes.
const maxState = 256

// block is a block as a line names it.
type block struct {
	number uint64
	hash   []byte
}

// cutBlock takes "123 (0x1234…abcd)" off text.
func cutBlock(text []byte) (b block, rest []byte, ok bool) {
	if b.number, rest, ok = cutNumber(text); !ok {
		return b, nil, false
	}
	b.hash, rest, ok = cutHash(rest)
	return b, rest, ok
}

func (b block) imported() sdk.BlockImported {
	return sdk.BlockImported{Number: b.number, Hash: wholeHash(b.hash)}
}

func (b block) best() sdk.BlockBest {
	return sdk.BlockBest{Number: b.number, Hash: wholeHash(b.hash)}
}

func (b block) finalized() sdk.BlockFinalized {
	return sdk.BlockFinalized{Number: b.number, Hash: wholeHash(b.hash)}
}

// imported reads "Imported #5 (0x…)", and with a parent and an arrow. Forks are
// printed alike, unless the emoji tells which block became the best.
func (r *reading) imported(rest []byte) {
	b, _, ok := cutBlock(rest)
	if !ok || !r.follow() {
		return
	}
	if isBest(r.emoji) {
		r.best(b)
		return
	}
	r.emit(b.imported())
}

// best emits the best block of the node's own chain.
func (r *reading) best(b block) {
	r.state.Best = b.number
	r.emit(b.best())
}

// farReorg is how far from the best block a reorganisation may lead, in blocks;
// one that leads further is about something else.
const farReorg = 100

// reorg reads "Reorg on #5,0x… to #4,0x…, common ancestor #3,0x…".
func (r *reading) reorg(rest []byte) {
	_, to, ok := cutAround(clip(rest, maxState), rest, " to #")
	if !ok {
		return
	}
	number, to, ok := cutNumber(to)
	if !ok || len(to) == 0 || to[0] != ',' || !r.follow() {
		return
	}
	if best := r.state.Best; best > 0 && max(number, best)-min(number, best) <= farReorg {
		r.best(block{number: number})
	}
}

// status reads "Imported: #5 (0x…), finalized: #3 (0x…), favourite: #5 (0x…).".
// The favourite need not be there yet, so it is no block that the node has.
func (r *reading) status(rest []byte) {
	best, rest, ok := cutBlock(rest)
	if !ok {
		return
	}
	if rest, ok = cutPrefix(rest, ", finalized: #"); !ok {
		return
	}
	final, rest, ok := cutBlock(rest)
	if !ok {
		return
	}
	if _, ok = cutPrefix(rest, ", favourite: #"); ok && r.follow() {
		r.best(best)
		r.emit(final.finalized())
	}
}

// baseline reads "Highest known block at #5", which a node prints at its start.
func (r *reading) baseline(rest []byte) {
	number, rest, ok := cutNumber(rest)
	if ok && len(rest) == 0 && !r.cut && r.follow() {
		r.emit(sdk.BlockImported{Number: number})
	}
}

// cutAround looks for a mark in window, which is the start of text, and gives
// what stands before and after it.
func cutAround(window, text []byte, mark string) (before, after []byte, ok bool) {
	i := bytes.Index(window, []byte(mark))
	if i < 0 {
		return nil, nil, false
	}
	return text[:i], text[i+len(mark):], true
}

func (r *reading) count(name string, value uint64) {
	r.emit(sdk.Fact{Name: name, Value: float64(value)})
}
