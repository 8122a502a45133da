package alephlog

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// State is what the parser remembers of a run. It stays this small however
// long the run lasts.
type State struct {
	// Stamped says that the node puts its own stamp on its lines.
	Stamped bool `json:"stamped,omitempty"`
	// Banner says that the last message was the node's name, after which its
	// version is awaited.
	Banner bool `json:"banner,omitempty"`
	// Seen says that a chain was seen, and Prefix is what its lines carry. With
	// a chain configured, both are about the first other chain.
	Seen   bool   `json:"seen,omitempty"`
	Prefix []byte `json:"prefix,omitempty"`
	// Named says that the log names its chains and none is configured, Mixed
	// that a second one was seen. Both last to the end of the run.
	Named bool `json:"named,omitempty"`
	Mixed bool `json:"mixed,omitempty"`
	// Found says that the configured chain was seen.
	Found bool `json:"found,omitempty"`
	// Best is the newest block that a line named as the best of the chain.
	Best uint64 `json:"best,omitempty"`
	// Target says that the newest status named a block to sync towards, Done that it
	// said how far its phase has come, OwnSync that the node prints lines of its own
	// when it is far behind.
	Target  bool `json:"target,omitempty"`
	Done    bool `json:"done,omitempty"`
	OwnSync bool `json:"own_sync,omitempty"`
	// Open is what a message left open, for the lines behind it that nobody
	// stamps.
	Open uint8 `json:"open,omitempty"`
}

// ours says whether the line's prefix is that of the configured chain. Without
// one, every line counts.
func (r *reading) ours() bool {
	switch r.chain {
	case "":
		return true
	case noPrefix:
		return len(r.prefix) == 0
	}
	return string(r.prefix) == r.chain
}

// follow says whether a block on this line is one of the chain to follow. It
// must be called only for a line that certainly names a block.
//
// Where a log names its chains, it shows two, sooner or later: a parachain's node
// runs one for its relay chain too. Which of them the head is of, nobody can tell
// from here, so without a choice no block counts, not even before the second
// shows.
func (r *reading) follow() bool {
	if r.chain != "" {
		return r.followConfigured()
	}
	if len(r.prefix) > 0 {
		r.state.Named = true
	}
	if r.state.Named {
		r.pick()
		return false
	}
	r.state.Seen = true
	return true
}

// nameChain notes that a message carries the name that a parachain's node gives
// its chains, whatever the message says.
func (r *reading) nameChain() {
	s := r.state
	if r.chain != "" || s.Named || string(r.prefix) != "Relaychain" && string(r.prefix) != "Parachain" {
		return
	}
	s.Named = true
	if s.Seen {
		r.pick()
	}
}

// pick asks for a choice between the chains that the log names.
func (r *reading) pick() {
	s := r.state
	switch {
	case !s.Seen:
		s.Seen, s.Prefix = true, bytes.Clone(r.prefix)
		r.doubt(fmt.Sprintf("the log names its chains and may show a second: set %s or that one in the log_parser's config", setting(s.Prefix)))
	case !s.Mixed && !bytes.Equal(s.Prefix, r.prefix):
		s.Mixed = true
		r.doubt(fmt.Sprintf("the log shows two chains: set %s or %s in the log_parser's config", setting(s.Prefix), setting(r.prefix)))
	}
}

// followConfigured follows the configured chain, and says once that another
// one is there as long as the configured one is not.
func (r *reading) followConfigured() bool {
	s := r.state
	if r.ours() {
		s.Found = true
		return true
	}
	if !s.Found && !s.Seen {
		s.Seen, s.Prefix = true, bytes.Clone(r.prefix)
		r.emit(sdk.FactUnknown{Name: "synced", Reason: fmt.Sprintf(
			"the log shows no block of chain %q so far, but blocks of another: %s would follow that one",
			r.chain, setting(s.Prefix))})
	}
	return false
}

// doubt says that nothing about blocks can be told from this log.
func (r *reading) doubt(reason string) {
	for _, name := range []string{"synced", "finalized", targetFact, peersFact, phaseFact} {
		r.emit(sdk.FactUnknown{Name: name, Reason: reason})
	}
}

// setting is the line of the config that selects the chain with this prefix.
func setting(prefix []byte) string {
	if len(prefix) == 0 {
		return fmt.Sprintf("chain = %q (the lines without a prefix)", noPrefix)
	}
	return fmt.Sprintf("chain = %q", strings.ToValidUTF8(string(prefix), "?"))
}
