package trace

import (
	"maps"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// resumes says whether the host knew something at this snapshot that a replay
// does not know. Where the record before it is the one that the host saw before
// it, the snapshot says nothing new.
func (s *Snapshot) resumes(before time.Time) bool { return s.After.IsZero() || !s.After.Equal(before) }

// engine begins everything anew with a snapshot at time t.
func (s *Snapshot) engine(t time.Time, settings rule.Settings, sources []string) *rule.Engine {
	e := rule.New(settings)
	if s.State != nil {
		state := *s.State
		state.Heads = maps.Clone(state.Heads)
		maps.DeleteFunc(state.Heads, func(source string, _ rule.HeadReport) bool { return !slices.Contains(sources, source) })
		e.Resume(t, state)
	}
	return e
}

// resume takes a snapshot. The act that this replay assumed last is remembered
// all the same, as a host remembers its own.
func (s *variant) resume(r *Record) {
	own := s.engine.Snapshot().Lasting()
	s.engine = r.Snapshot.engine(r.T, s.settings, s.sources)
	if s.assumed.IsZero() {
		return
	}
	state := rule.State{}
	if r.Snapshot.State != nil {
		state = *r.Snapshot.State
	}
	s.engine.Recall(r.T, own)
	s.restore(r.T, state.Done, state.Failed)
}

// restore takes what the host knew of earlier actions, with the act that only
// this replay assumed.
func (s *variant) restore(now, done, failed time.Time) {
	if s.assumed.After(done) {
		done = s.assumed
	}
	s.engine.Restore(now, done, failed)
}
