package alephlog

import (
	"bytes"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/logtext"
)

// runnerTarget is what prints the banner, in forms that name a target.
const runnerTarget = "sc_cli"

// byRunner says whether the line is one of those at a node's start. An operator
// can call a node by any name, but not make it print that as a message.
func (r *reading) byRunner() bool {
	_, ok := cutPrefix(r.target, runnerTarget)
	return ok || len(r.target) == 0
}

// banner awaits the version, which is on the next line.
func (r *reading) banner(rest []byte) {
	if len(rest) == 0 && r.byRunner() {
		r.state.Banner = true
	}
}

// version reads "version 15.2.0-36ed9faa3fd", with which every node starts that
// is built on Substrate, whatever its name.
func (r *reading) version(rest []byte) {
	if r.byRunner() && !r.cut && isVersion(rest) {
		r.state.Banner = false
		r.emit(sdk.NodeStarted{Version: string(rest)})
		return
	}
	if r.state.Banner {
		r.state.Banner = false
		r.emit(sdk.NodeStarted{})
	}
}

func isVersion(text []byte) bool {
	if len(text) == 0 || len(text) > maxWord || !isDigit(text[0]) {
		return false
	}
	for _, c := range text {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return bytes.IndexByte(text, '.') > 0
}

// session reads "Running session 5.". Other messages begin alike.
func (r *reading) session(rest []byte) {
	if number, rest, ok := cutNumber(rest); ok && string(rest) == "." {
		r.emit(sdk.SessionStarted{Number: number})
	}
}

func (r *reading) syncState(rest []byte, major bool) {
	if len(rest) == 0 {
		r.state.OwnSync = true
		r.emit(sdk.SyncState{Major: major})
	}
}

// staleProposal is how far below the node's own best block a proposal may be, in
// blocks: the network takes none that is further below.
const staleProposal = 10

// produced reads the number behind "Prepared block for proposing at ", "Pre-sealed
// block for proposal at " and, in 2018, "Proposing block [number: ". What follows
// it differs by age.
func (r *reading) produced(rest []byte, step sdk.ProductionStep) {
	number, rest, ok := cutNumber(rest)
	if !ok || len(rest) == 0 && r.cut || number+staleProposal < r.state.Best {
		return
	}
	if len(rest) == 0 || rest[0] == ' ' || rest[0] == '.' || rest[0] == ';' {
		r.emit(sdk.BlockProduced{Number: number, Step: step})
	}
}

// network reads "/70255b…/sync/0 connected peers - 12; ".
func (r *reading) network(rest []byte) {
	protocol, rest, ok := cutAround(clip(rest, maxState), rest, " connected peers - ")
	if !ok || !isPeersProtocol(protocol) {
		return
	}
	if peers, rest, ok := cutNumber(rest); ok && len(rest) > 0 && rest[0] == ';' {
		r.count(peersFact, peers)
	}
}

// isPeersProtocol knows ".../auth/0" and ".../sync/0".
func isPeersProtocol(name []byte) bool {
	last := bytes.LastIndexByte(name, '/')
	if last < 0 || bytes.IndexByte(name, ' ') >= 0 {
		return false
	}
	number := name[last+1:]
	if len(number) == 0 || logtext.DigitsLen(number) != len(number) {
		return false
	}
	return bytes.HasSuffix(name[:last], []byte("/sync")) || bytes.HasSuffix(name[:last], []byte("/auth"))
}
