package scenario

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// words is a parser: "block 5", "session 5", "peers 5", "major", "minor" and
// "prepared", "sealed" mean what they say.
type words struct{}

var _ trace.Parser = words{}

func (words) Parse(_ context.Context, state []byte, lines []trace.Line) ([]byte, [][]rule.Event, error) {
	said := make([][]rule.Event, len(lines))
	for i, line := range lines {
		word, rest, _ := strings.Cut(string(line.Text), " ")
		number, _ := strconv.ParseUint(rest, 10, 64)
		e := rule.Event{Time: line.Time, Number: number}
		switch word {
		case "block":
			e.Kind = rule.BlockImported
		case "session":
			e.Kind = rule.SessionStarted
		case "major":
			e.Kind = rule.MajorSync
		case "peers":
			e.Kind, e.Name, e.Value = rule.FactGiven, "peers", float64(number)
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
