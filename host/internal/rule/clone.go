package rule

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/deepcopy"
)

// clone is a state that shares nothing with s.
func (s State) clone() State { return deepcopy.Of(s, nil) }

// Times lets f change every time that is told by the engine's clock: to tell
// them by another one. Times that are not known stay so, and so do those of
// fields with the tag clock:"other".
func (s *State) Times(f func(time.Time) time.Time) { *s = deepcopy.Of(*s, f) }
