package alephlog

import (
	"bytes"

	"github.com/headwatch/headwatch/sdk"
)

// The facts that this parser gives beside the built-in ones.
const (
	peersFact  = "peers"
	targetFact = "target"
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

func (b block) finalized() sdk.BlockFinalized {
	return sdk.BlockFinalized{Number: b.number, Hash: wholeHash(b.hash)}
}

// imported reads "Imported #5 (0x…)", and with a parent and an arrow. Forks are
// printed alike; the host takes the highest.
func (r *reading) imported(rest []byte) {
	if b, _, ok := cutBlock(rest); ok && r.follow() {
		r.emit(b.imported())
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
		r.emit(best.imported())
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

// informant reads "Idle (21 peers), best: #5 (0x…), finalized #3 (0x…), …".
func (r *reading) informant(rest []byte) {
	state, rest, ok := cutAround(clip(rest, maxState), rest, " peers), best: #")
	if !ok {
		return
	}
	best, rest, ok := cutBlock(rest)
	if !ok {
		return
	}
	if rest, ok = cutPrefix(rest, ", finalized #"); !ok {
		return
	}
	final, _, ok := cutBlock(rest)
	if !ok {
		return
	}
	state, peers, ok := cutPeers(state)
	if !ok || !r.follow() {
		return
	}
	r.emit(best.imported())
	r.emit(final.finalized())
	if target, ok := targetIn(state); ok {
		r.fact(targetFact, target)
	}
	r.fact(peersFact, peers)
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

// cutPeers takes " (21" off the end of what the informant says about its
// state, which holds no other brackets.
func cutPeers(state []byte) (rest []byte, peers uint64, ok bool) {
	open := bytes.IndexByte(state, '(')
	if open < 1 || state[open-1] != ' ' || !detailLike(state[:open-1]) {
		return nil, 0, false
	}
	peers, left, ok := cutNumber(state[open+1:])
	return state[:open-1], peers, ok && len(left) == 0
}

// detailLike says whether text is what may follow a state such as "Syncing":
// nothing, ", more" or " 37.6 bps", without brackets.
func detailLike(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	speed := trimLeft(text)
	if text[0] != ',' && (len(speed) == len(text) || len(speed) == 0 || !isDigit(speed[0])) {
		return false
	}
	return bytes.IndexByte(text, ')') < 0
}

// targetIn reads ", target=#5" at the end of what the informant says.
func targetIn(state []byte) (uint64, bool) {
	_, number, ok := cutAround(state, state, ", target=#")
	if !ok {
		return 0, false
	}
	target, left, ok := cutNumber(number)
	return target, ok && len(left) == 0
}

func (r *reading) fact(name string, value uint64) {
	r.emit(sdk.Fact{Name: name, Value: float64(value)})
}
