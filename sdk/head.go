package sdk

import (
	"context"
	"time"
)

// Head is the newest block of a network, as one source sees it.
type Head struct {
	// Best is the height of the newest block, in blocks.
	Best uint64
	// Finalized is the height of the newest finalized block; nil where the
	// source does not know it.
	Finalized *uint64
	// Hash is the hash of the best block; empty where it is not known.
	Hash string
	// Time is when the best block was made; zero where the chain does not say
	// it. The host takes a time before 2020 or more than a minute ahead for
	// none, and then counts the head's age from the answer.
	Time time.Time
	// Endpoint says who answered: scheme and host, never a path, a query or
	// user info, which may hold a key.
	Endpoint string
	// Syncing is whether the endpoint says of itself that it syncs; nil where it
	// does not say. The host counts a head of a source that syncs for nothing.
	Syncing *bool
	// Peers is how many peers the endpoint says it has; nil where it does not say.
	Peers *uint64
	// Chain is what names the chain: the hash of block 0, or the chain's id; empty
	// where the source does not know it. The host compares it with what other
	// sources say and leaves out those of another chain.
	Chain string
	// Progress is a figure of a sync that goes on without blocks, such as a count of
	// states, in a unit of the source's own; nil where there is none. Another figure
	// than before tells the host that the sync goes on.
	Progress *uint64
}

// HeadSource says what the network's newest block is.
type HeadSource interface {
	// GetHead is called at every check, at most once at a time, with the
	// block's timeout as the deadline. A source with a subscription answers
	// from what it heard last while that is a few seconds old: one that stands
	// still must not be taken for a chain that does. A head that is not known
	// is an error: the host then leaves this source out of the check and never
	// restarts anything because of it.
	GetHead(ctx context.Context) (Head, error)
}

// NodeSource is an optional interface of a [HeadSource], for a source that can be
// asked about the node at its endpoint, and not about the network.
type NodeSource interface {
	// GetNode is called in place of GetHead, as that is, where the operator says
	// that the endpoint is the watched node's own. The head is then the newest block
	// that the node itself has: that the node syncs, has old blocks, or none but
	// block 0, is an answer, and Syncing and Peers should be said. A question that
	// the node does not answer leaves its field unsaid; without a height it is an
	// error, and the host restarts nothing because of it. A source without this
	// method is asked by GetHead.
	GetNode(ctx context.Context) (Head, error)
}
