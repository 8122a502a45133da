package rule

// Memory is the part of a state that can be read from nobody again: what the
// checks of this run saw, and since when. All else an engine is told anew.
func (s State) Memory() State {
	return State{UnknownSince: s.UnknownSince, Run: RunState{StartedAt: s.Run.StartedAt, Began: s.Run.Began,
		Before: s.Run.Before, Trend: s.Run.Trend, Since: s.Run.Since}}
}
