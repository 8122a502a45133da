package alephlog

import (
	"bytes"
	"math"
	"strconv"

	"github.com/headwatch/headwatch/sdk"
)

// The informant is the line that every node but aleph-node since r-14 prints
// every five seconds:
//
//	💤 Idle (21 peers), best: #5 (0x…), finalized #3 (0x…), ⬇ 12.1kiB/s ⬆ 9.9kiB/s
//	⚙️  Syncing 37.6 bps, target=#99 (2 peers), best: #5 (0x…), finalized #3 (0x…), …
//	⏩ Warping, Waiting for peers, 0.00 Mib (2 peers), ⬇ 2.2kiB/s ⬆ 3.1kiB/s
//
// The last form, without blocks, is that of a warp sync since 2026; in 2018 there
// was no finalized block yet.

// peersMark stands behind the number of peers.
const peersMark = " peers), "

// phase is what the informant says a node is at.
type phase struct {
	// words are as the node prints them, name as rules read them.
	words, name string
	// major says that the node is far behind and catches up.
	major bool
}

// phases are the words that are known. "Block history" and "Gap sync" fetch old
// blocks while the node is at the head.
func phases() [9]phase {
	return [...]phase{
		{"Idle", "idle", false},
		{"Syncing", "syncing", true},
		{"Preparing", "preparing", true},
		{"State sync", "state sync", true},
		{"Downloading state", "state sync", true},
		{"Warping", "warping", true},
		{"Waiting for pending target block", "warping", true},
		{"Block history", "block history", false},
		{"Gap sync", "gap sync", false},
	}
}

// isInformant says whether a message reads as the informant's line: one or two
// words, what may follow them, and a number of peers.
func isInformant(text []byte) bool {
	if text[0] < 'A' || text[0] > 'Z' {
		return false
	}
	state, after, ok := cutAround(clip(text, maxState), text, peersMark)
	if !ok {
		return false
	}
	if _, ok = cutPrefix(after, "best: #"); !ok && (len(after) == 0 || after[0] < 0x80) {
		return false
	}
	words := state[:wordsLen(state)]
	return bytes.Count(words, []byte(" ")) < 2 && len(words) <= maxWord/4
}

// wordsLen is the length of the words that text begins with, up to a mark or a
// number.
func wordsLen(text []byte) int {
	n := 0
	for n < len(text) && (isBlank(text[n]) || 'a' <= text[n]|0x20 && text[n]|0x20 <= 'z') {
		n++
	}
	return len(bytes.TrimRight(text[:n], " \t"))
}

// informant reads the line. A state that is not known costs none of its other
// values.
func (r *reading) informant() {
	said, after, ok := cutAround(clip(r.said, maxState), r.said, peersMark)
	if !ok {
		return
	}
	detail, peers, ok := cutPeers(said)
	if !ok {
		return
	}
	words, known := detail[:wordsLen(detail)], phase{}
	for _, p := range phases() {
		if string(words) == p.words {
			known = p
		}
	}
	if !detailLike(detail[len(words):]) {
		return
	}
	best, rest, named := cutBest(after)
	if !named && bytes.HasPrefix(after, []byte("best: ")) || !r.follow() {
		return
	}
	if named {
		r.best(best)
		if final, ok := cutFinalized(rest); ok {
			r.emit(final.finalized())
		}
	}
	r.phase(words, known)
	r.towards(detail)
	r.done(detail[len(words):])
	r.count(peersFact, peers)
}

func cutBest(text []byte) (b block, rest []byte, ok bool) {
	if rest, ok = cutPrefix(text, "best: #"); !ok {
		return b, nil, false
	}
	return cutBlock(rest)
}

func cutFinalized(text []byte) (b block, ok bool) {
	rest, ok := cutPrefix(text, ", finalized #")
	if !ok {
		return b, false
	}
	b, _, ok = cutBlock(rest)
	return b, ok
}

// phase says what the node is at. Only where it prints no lines of its own for
// that does it say by this one whether the node is far behind.
func (r *reading) phase(words []byte, known phase) {
	name := known.name
	if name == "" {
		name = string(bytes.ToLower(words))
	} else if !r.state.OwnSync {
		r.emit(sdk.SyncState{Major: known.major})
	}
	r.emit(sdk.Fact{Name: phaseFact, Value: name})
}

// towards reads ", target=#5" at the end of the details. Once the line does not
// name a target any more, there is none.
func (r *reading) towards(detail []byte) {
	_, number, ok := cutAround(detail, detail, ", target=#")
	if target, left, isNumber := cutNumber(number); ok && isNumber && len(left) == 0 {
		r.state.Target = true
		r.count(targetFact, target)
	} else if r.state.Target {
		r.state.Target = false
		r.emit(sdk.FactUnknown{Name: targetFact, Reason: "the node syncs towards no block at present"})
	}
}

// done reads how far a phase has come: ", 35%, 12.34 Mib" at the end of the details, or
// ", #5" of one that fetches old blocks. Once the line says none any more, there is
// none; nor while a state is imported, for that may take long with all of it there.
func (r *reading) done(detail []byte) {
	rest, amount, _ := cutLast(detail, ", ")
	value, ok := figure(bytes.TrimPrefix(trimLeft(bytes.TrimSuffix(amount, []byte(" Mib"))), []byte("#")))
	if !ok || bytes.Contains(detail, []byte("Importing")) {
		if r.state.Done {
			r.state.Done = false
			r.emit(sdk.FactUnknown{Name: doneFact, Reason: noPhase})
			r.emit(sdk.FactUnknown{Name: shareFact, Reason: noPhase})
		}
		return
	}
	r.state.Done = true
	r.emit(sdk.Fact{Name: doneFact, Value: value})
	_, share, _ := cutLast(rest, ", ")
	if value, ok := figure(bytes.TrimSuffix(share, []byte("%"))); ok {
		r.emit(sdk.Fact{Name: shareFact, Value: value})
	}
}

// noPhase is why how far a phase has come is unknown.
const noPhase = "the node is in no phase at present that says how far it has come"

// figure is a number that is not negative.
func figure(text []byte) (float64, bool) {
	value, err := strconv.ParseFloat(string(text), 64)
	return value, err == nil && value >= 0 && !math.IsInf(value, 0)
}

// cutLast is text before and after the last place of a mark.
func cutLast(text []byte, mark string) (before, after []byte, ok bool) {
	at := bytes.LastIndex(text, []byte(mark))
	if at < 0 {
		return text, nil, false
	}
	return text[:at], text[at+len(mark):], true
}

// cutPeers takes " (21" off the end of what the informant says about its state,
// which holds no other brackets.
func cutPeers(said []byte) (detail []byte, peers uint64, ok bool) {
	open := bytes.IndexByte(said, '(')
	if open < 1 || said[open-1] != ' ' {
		return nil, 0, false
	}
	peers, left, ok := cutNumber(said[open+1:])
	return said[:open-1], peers, ok && len(left) == 0
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
