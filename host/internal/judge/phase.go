package judge

import "time"

// Phase is how far a sync without blocks has come, in the log's own units.
type Phase struct {
	Done    float64   `json:"done"`
	Percent float64   `json:"percent"`
	MovedAt time.Time `json:"moved_at,omitzero"`
}

// Follow takes what the log says at a check.
func (p *Phase) Follow(now time.Time, done, percent float64) {
	if p.MovedAt.IsZero() || done != p.Done || percent != p.Percent {
		*p = Phase{done, percent, now}
	}
}
