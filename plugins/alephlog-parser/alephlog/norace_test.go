//go:build !race

package alephlog

const raceEnabled = false
