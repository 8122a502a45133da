//go:build race

package logregexp

// raceEnabled says that the pool drops buffers at random.
const raceEnabled = true
