package sdk

import "context"

// FeatureTargetSource is the feature of a plugin that serves a [TargetSource].
const FeatureTargetSource = "target_source"

// TargetSource is an optional interface of an [Action]: it tells which targets there
// are, so that a host can propose and find what to watch.
type TargetSource interface {
	// WatchTargets sends a [FoundTarget] for every target there is, then a
	// [TargetsListed], and from there what changes, until ctx is done; with noFollow
	// it returns nil after the TargetsListed. It changes nothing. Where the targets
	// cannot be told it returns an error; the host calls again later and takes the
	// new list in place of the old one. An error of send says that the host is
	// gone; return it.
	WatchTargets(ctx context.Context, noFollow bool, send func(TargetItem) error) error
}

// TargetItem is one of [FoundTarget], [TargetGone] and [TargetsListed].
type TargetItem interface{ targetItem() }

// FoundTarget is a target that there is. Another one of the same ID says what has
// become of it.
type FoundTarget struct {
	// ID is its identity, as [State] has it; Name is what operators call it.
	ID, Name string
	// Target is what the target block of a monitor says for it, as a JSON object.
	Target string
	// Running says whether it runs at present.
	Running bool
	// Labels are what its operator has written on it.
	Labels map[string]string
	// Image says what it is made of; empty where that says nothing.
	Image string
	// Command is the program with its arguments. They may hold secrets: the host
	// reads them to know a node, and shows none.
	Command []string
}

// TargetGone says that a target of this identity is no more.
type TargetGone struct{ ID string }

// TargetsListed says that every target that there was at the beginning has been
// told.
type TargetsListed struct{}

func (FoundTarget) targetItem()   {}
func (TargetGone) targetItem()    {}
func (TargetsListed) targetItem() {}
