package scenario

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// words is a parser: "block 5", "session 5", "peers 5", "major", "minor" and
// "prepared", "sealed" mean what they say.
type words struct{}

var _ trace.Parser = words{}

func (words) Parse(_ context.Context, state []byte, lines []trace.Line) ([]byte, [][]nodelog.Event, error) {
	said := make([][]nodelog.Event, len(lines))
	for i, line := range lines {
		word, rest, _ := strings.Cut(string(line.Text), " ")
		number, _ := strconv.ParseUint(rest, 10, 64)
		e := nodelog.Event{Time: line.Time, Number: number}
		switch word {
		case "block":
			e.Kind = nodelog.BlockImported
		case "session":
			e.Kind = nodelog.SessionStarted
		case "major":
			e.Kind = nodelog.MajorSync
		case "peers":
			e.Kind, e.Name, e.Value = nodelog.FactGiven, "peers", float64(number)
		default:
			continue
		}
		said[i] = append(said[i], e)
	}
	return state, said, nil
}

// runFile runs the tests of a file.
func runFile(t *testing.T, file *File) (results []*Result, found config.Diagnostics, err error) {
	t.Helper()
	for _, test := range file.Tests {
		c, wrong := test.LoadConfig(nil)
		found = append(found, wrong...)
		if wrong.HasErrors() {
			continue
		}
		m, wrong := test.Choose(c)
		found = append(found, wrong...)
		if wrong.HasErrors() {
			continue
		}
		result, wrong, failed := test.Run(t.Context(), c, m, words{})
		if found = append(found, wrong...); failed != nil {
			return results, found, failed
		}
		if result != nil {
			results = append(results, result)
		}
	}
	return results, found, nil
}
