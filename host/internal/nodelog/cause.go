package nodelog

import "time"

// A node that made so many blocks after a fatal line, the last of them so long
// after it, has overcome what the line says.
const (
	overcomeBlocks = 10
	overcomeAfter  = time.Minute
)

// stop takes a fatal line, with the height of the node as its number; zero where
// that is not known.
func (r *Readings) stop(ev Event) {
	ev.Number, _ = r.Of["synced"].Value.(uint64)
	if ev.Cures {
		r.Trouble = &ev
	} else {
		r.Cause = &ev
	}
}

// overcome forgets the fatal lines that a block shows to be over.
func (r *Readings) overcome(block Event) {
	for _, cause := range []**Event{&r.Cause, &r.Trouble} {
		if *cause != nil {
			*cause = (*cause).after(block)
		}
	}
}

// after is what is left of a fatal line after a block: nil where that shows it to
// be over. A node that equivocates makes blocks all the while.
func (ev *Event) after(block Event) *Event {
	if ev.Number == 0 {
		first := *ev
		first.Number = block.Number
		return &first
	}
	if ev.Name != "equivocation" && block.Number >= ev.Number+overcomeBlocks && !block.Time.Before(ev.Time.Add(overcomeAfter)) {
		return nil
	}
	return ev
}

// started takes a start of the node. What another version could not do says
// nothing about this one.
func (r *Readings) started(version string) {
	if version == "" {
		return
	}
	if r.Version != "" && version != r.Version {
		r.Cause, r.Trouble = nil, nil
	}
	r.Version = version
}
