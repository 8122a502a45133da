package rule

// Memory is the part of a state that can be read from nobody again: what the
// checks of this run saw, and since when. All else an engine is told anew. Where
// it is not known which run that is, its checks say nothing about any other.
func (s State) Memory() State {
	memory := State{UnknownSince: s.UnknownSince}
	if !s.Run.StartedAt.IsZero() {
		memory.Run = RunState{StartedAt: s.Run.StartedAt, Began: s.Run.Began, Before: s.Run.Before, Trend: s.Run.Trend, Since: s.Run.Since}
	}
	return memory
}
