package conformance

import "time"

type process struct{}

func (p *process) await(time.Duration) {}
func (p *process) how() (string, bool) { return "", false }
func (p *process) connection() string  { return "" }

// Binary is a plugin's program.
type Binary struct{ Subject }
