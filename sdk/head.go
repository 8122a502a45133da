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
