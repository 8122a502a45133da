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
	// Mixed says that a second chain was seen and none is configured. It lasts
	// to the end of the run.
	Mixed bool `json:"mixed,omitempty"`
	// Found says that the configured chain was seen.
	Found bool `json:"found,omitempty"`
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
func (r *reading) follow() bool {
	if r.chain != "" {
		return r.followConfigured()
	}
	s := r.state
	switch {
	case s.Mixed:
		return false
	case !s.Seen:
		s.Seen, s.Prefix = true, bytes.Clone(r.prefix)
		return true
	case bytes.Equal(s.Prefix, r.prefix):
		return true
	}
	s.Mixed = true
	r.doubt()
	return false
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

// doubt says that nothing about blocks can be told from a log of two chains.
func (r *reading) doubt() {
	reason := fmt.Sprintf("the log shows two chains: set %s or %s in the log_parser's config",
		setting(r.state.Prefix), setting(r.prefix))
	for _, name := range []string{"synced", "finalized", targetFact, peersFact} {
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
