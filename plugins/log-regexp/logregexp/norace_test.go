//go:build !race

package logregexp

const raceEnabled = false
