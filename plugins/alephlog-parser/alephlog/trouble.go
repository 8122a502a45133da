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
	// Cured by a restart, or worth trying.
	kindSyncService       = "sync_service"
	kindBaseProtocol      = "base_protocol"
	kindValidatorNetwork  = "validator_network"
	kindEssentialTask     = "essential_task"
	kindConsensusParty    = "consensus_party"
	kindSyncStart         = "sync_start"
	kindConnectionManager = "connection_manager"
	kindPanic             = "panic"
	kindExit              = "exit"
)

// maxMessage bounds the message of a fatal cause, in bytes.
const maxMessage = 600

// unstamped reads a line that nobody stamped. A node prints only its last words
// like that, so nothing else counts.
func (r *reading) unstamped(body []byte) {
	if len(body) == 0 {
		return
	}
	if k, rest := one(trimLeft(body), "Thread '", panicked); k != nothing {
		r.said = trimLeft(body)
		r.trouble(k, rest)
		return
	}
	r.said = body
	switch k, rest := kindOf(body); k {
	case exitError, databaseError:
		r.trouble(k, rest)
	}
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
	case databaseError:
		r.fatal(kindDatabase, false)
	case essentialTask:
		if bytes.Contains(clip(rest, maxWord), []byte("` failed")) {
			r.fatal(kindEssentialTask, true)
		}
	case exitError:
		r.exit(rest)
	case panicked:
		r.panic(rest)
	}
}

// exit reads the error that a node ends with.
func (r *reading) exit(rest []byte) {
	switch {
	case hasPrefix(rest, "Service(Client(Backend("), hasPrefix(rest, "Database Error: "):
		r.fatal(kindDatabase, false)
	case hasPrefix(rest, `Service(Other("Essential task`):
		r.fatal(kindEssentialTask, true)
	case hasPrefix(rest, "Service("):
		r.fatal(kindExit, true)
	}
}

// panic reads "main' panicked at 'what happened', file:line".
func (r *reading) panic(rest []byte) {
	_, what, ok := cutAround(clip(rest, maxWord), rest, "' panicked at ")
	if !ok {
		return
	}
	if quoted, ok := cutPrefix(what, "'"); ok {
		what = quoted
	}
	switch {
	case hasPrefix(what, "We are equivocating"):
		r.fatal(kindEquivocation, false)
	case hasPrefix(what, "Too new version "):
		r.fatal(kindOutdated, false)
	case hasPrefix(what, "Cannot run a validator node without external addresses"):
		r.fatal(kindNoAddress, false)
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
