// Package batch has the batches of log lines that a parser is given, the ways to
// cut them, and what can be said of the events that come of them. It never calls a
// plugin.
package batch

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// firstStamp is the stamp of the first line.
func firstStamp() time.Time { return time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC) }

// Stamped are lines a second apart.
func Stamped(texts ...string) []*pluginv1.Line {
	var lines []*pluginv1.Line
	for n, text := range texts {
		fitting, cut := handshake.Cut([]byte(text))
		lines = append(lines, &pluginv1.Line{Time: timestamppb.New(firstStamp().Add(time.Duration(n) * time.Second)), Text: fitting,
			Stream: pluginv1.Stream_STREAM_STDOUT, Truncated: cut})
	}
	return lines
}

// Odd is a batch that no node should write, and some do.
type Odd struct {
	What  string
	Lines []*pluginv1.Line
}

// OddBatches are batches that a parser has to survive.
func OddBatches() []Odd {
	const huge, imported = handshake.MaxBatchBytes, "imported #1"
	return []Odd{
		{"an empty line", Stamped("")},
		{"a line of blanks", Stamped("   \t ")},
		{"a NUL", Stamped("\x00")},
		{"a line that is not UTF-8", Stamped("imported \xff\xfe\xc3 #1")},
		{"a line that ends in the middle of a letter", Stamped("best: #1 \xe2\x9c")},
		{"a carriage return", Stamped(imported + "\r")},
		{"colours", Stamped("\x1b[1m\x1b[32mimported\x1b[0m #1")},
		{"a number that is too large", Stamped("imported #" + strings.Repeat("9", 400))},
		{"256 KiB of one letter", Stamped(strings.Repeat("a", huge))},
		{"256 KiB of blanks", Stamped(strings.Repeat(" ", huge))},
		{"256 KiB of digits", Stamped(strings.Repeat("7", huge))},
		{"256 KiB of bytes that are not UTF-8", Stamped(strings.Repeat("\xff", huge))},
		{"256 KiB of brackets", Stamped(strings.Repeat("[", huge))},
		{"a batch without a line", nil},
		{"a batch of 1,000 lines", Stamped(slices.Repeat([]string{imported}, handshake.MaxBatchLines)...)},
		{"a line without a stamp, and truncated", []*pluginv1.Line{{Text: []byte(imported), Truncated: true}}},
		{"a line of a terminal", []*pluginv1.Line{{Text: []byte(imported), Stream: pluginv1.Stream_STREAM_UNSPECIFIED}}},
	}
}

// Splits are ways to cut so many lines: each line alone, in two at each place,
// with empty pieces, and at random.
func Splits(lines int) [][]int {
	const enough = 50
	var single []int
	for at := 1; at < lines; at++ {
		single = append(single, at)
	}
	all := [][]int{single, {0, 0, lines}}
	step := max(1, lines/enough)
	for at := 1; at < lines; at += step {
		all = append(all, []int{at})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		var cuts []int
		for at := 1; at < lines; at++ {
			if random.IntN(4) == 0 {
				cuts = append(cuts, at)
			}
		}
		all = append(all, cuts)
	}
	return all
}
