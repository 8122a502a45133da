package alephlog

import (
	"bytes"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// The kinds of a fatal cause. Those under "never" are not cured by a restart;
// equivocation is even made worse, since two nodes then share their keys.
const (
	// Never cured by a restart.
	kindEquivocation = "equivocation"
	kindOutdated     = "outdated"
	kindNoAddress    = "no_external_address"
	kindDatabase     = "database"
	kindDiskFull     = "disk_full"
	kindLocked       = "locked"
	kindWarpTarget   = "warp_target"
	// Cured by a restart, or worth trying.
	kindSyncService       = "sync_service"
	kindBaseProtocol      = "base_protocol"
	kindValidatorNetwork  = "validator_network"
	kindEssentialTask     = "essential_task"
	kindConsensusParty    = "consensus_party"
	kindSyncStart         = "sync_start"
	kindConnectionManager = "connection_manager"
	kindVoter             = "grandpa_voter"
	kindMemory            = "out_of_memory"
	kindResources         = "resources"
	kindPanic             = "panic"
	kindExit              = "exit"
)

// maxMessage bounds the message of a fatal cause, in bytes, and maxCause how
// much of a message is looked through for what is behind it.
const (
	maxMessage = 600
	maxCause   = 2048
)

// What a message without an end leaves open: the next lines, which nobody
// stamps, are about the same.
const (
	closed = iota
	openError
	openPanic
)

// unstamped reads a line that nobody stamped. A node prints only its last words
// like that, so nothing else counts.
func (r *reading) unstamped(body []byte) {
	said := trimLeft(body)
	if len(said) == 0 {
		return
	}
	r.said = said
	k, rest := r.kinds.of(said)
	switch {
	case k == panicked:
		r.trouble(k, rest)
	case len(said) == len(body) && (k == exitError || k == databaseError):
		r.trouble(k, rest)
	case r.state.Open == openError:
		r.exit(cutIndex(said))
	case r.state.Open == openPanic:
		r.state.Open = closed
		r.known(said)
	}
}

// cutIndex takes "0: " off a line of a nested error.
func cutIndex(text []byte) []byte {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	if rest, ok := cutPrefix(text[n:], ": "); ok && n > 0 {
		return trimLeft(rest)
	}
	return text
}

// trouble says what a message means after which the node cannot go on.
func (r *reading) trouble(k kind, rest []byte) {
	switch k {
	case syncService:
		r.fatal(kindSyncService, true)
	case baseProtocol:
		r.fatal(kindBaseProtocol, true)
	case validatorNetwork:
		r.fatal(kindValidatorNetwork, true)
	case consensusParty:
		r.fatal(kindConsensusParty, true)
	case databaseError, backgroundWorker:
		r.storage(rest)
	case essentialTask:
		r.task(rest)
	case exitError:
		r.exit(rest)
	case panicked:
		r.panic(rest)
	default:
		r.warned(k, rest)
	}
}

// warned says what a message means that need not end the process.
func (r *reading) warned(k kind, rest []byte) {
	switch k {
	case blockImport:
		r.failed(rest)
	case badBlock:
		r.known(rest)
	case corrupted:
		// RocksDB may repair itself at a start, and says so when it tries.
		if !holds(rest, "attempting repair") {
			r.storage(rest)
		}
	case voter:
		if !r.known(rest) {
			r.fatal(kindVoter, true)
		}
	case authoring:
		if holds(rest, "node update is required") || isOutdated(rest) {
			r.fatal(kindOutdated, false)
		}
	case equivocating:
		if holds(r.said, "own equivocation") {
			r.fatal(kindEquivocation, false)
		}
	case lowSpace:
		if holds(rest, "dropped below threshold") {
			r.fatal(kindDiskFull, false)
		}
	case lowMemory:
		if holds(rest, "dropped below threshold") {
			r.fatal(kindMemory, true)
		}
	case warpTarget:
		if holds(rest, "this node cannot proceed") {
			r.fatal(kindWarpTarget, false)
		}
	}
}

// failed reads what follows "Block import error:" and its like; until 2022 it
// stood on the next line.
func (r *reading) failed(rest []byte) {
	if rest = trimLeft(rest); len(rest) == 0 {
		r.state.Open = openPanic
		return
	}
	r.known(rest)
}

// task reads "`x` failed. …", in 2020 without the quotes. Subtensor fails one on
// purpose, to change its consensus.
func (r *reading) task(rest []byte) {
	rest = clip(rest, maxWord)
	if bytes.Contains(rest, []byte(" failed")) && !bytes.Contains(rest, []byte("babe-switch")) {
		r.fatal(kindEssentialTask, true)
	}
}

// exit reads the error that a node ends with: "Service(…)", or the lines behind
// an "Error:" that stands alone.
func (r *reading) exit(rest []byte) {
	rest = trimLeft(rest)
	if len(rest) == 0 {
		r.state.Open = openError
		return
	}
	switch {
	case r.known(rest):
	case holds(rest, "Essential task"):
		r.fatal(kindEssentialTask, true)
	case hasPrefix(rest, "Service("), hasPrefix(rest, "SubstrateService("), hasPrefix(rest, "Substrate(") && r.state.Open == openError:
		r.fatal(kindExit, true)
	}
}

// panic reads "main' panicked at 'what happened', file:line". Without sp_panic_handler
// what happened stands on the next line.
func (r *reading) panic(rest []byte) {
	_, what, ok := cutAround(clip(rest, maxWord), rest, " panicked at ")
	if !ok {
		return
	}
	quoted, ok := cutPrefix(what, "'")
	if !ok {
		r.state.Open = openPanic
	} else {
		what = quoted
	}
	switch {
	case hasPrefix(what, "We are equivocating"):
		r.fatal(kindEquivocation, false)
	case hasPrefix(what, "Cannot run a validator node without external addresses"):
		r.fatal(kindNoAddress, false)
	case r.known(what):
	case hasPrefix(what, "Failed to initialize Sync service"):
		r.fatal(kindSyncStart, true)
	case hasPrefix(what, "Failed to run connection manager"):
		r.fatal(kindConnectionManager, true)
	default:
		r.fatal(kindPanic, true)
	}
}

func (r *reading) fatal(kind string, cures bool) {
	said := clip(r.said, maxMessage)
	r.emit(sdk.FatalCause{Kind: kind, Message: strings.ToValidUTF8(string(said), ""), RestartCures: cures})
}

func hasPrefix(text []byte, prefix string) bool {
	_, ok := cutPrefix(text, prefix)
	return ok
}
