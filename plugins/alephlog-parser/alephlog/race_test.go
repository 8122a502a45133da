//go:build race

package alephlog

// raceEnabled says that the pool drops buffers at random.
const raceEnabled = true
