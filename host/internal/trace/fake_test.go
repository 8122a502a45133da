package trace

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// fakeParser knows as much of a node's log as the traces here need. Its state is
// the number of lines it has read in the run; the line "how many" asks for it.
type fakeParser struct{}

var _ Parser = fakeParser{}

// fakeLines are the forms it knows. A number in the line is the event's.
var fakeLines = []struct {
	form *regexp.Regexp
	kind nodelog.EventKind
}{
	{regexp.MustCompile(`Imported:? #(\d+)`), nodelog.BlockImported},
	{regexp.MustCompile(`finalized: #(\d+)`), nodelog.BlockFinalized},
	{regexp.MustCompile(`Prepared block for proposing at (\d+)`), nodelog.BlockPrepared},
	{regexp.MustCompile(`Pre-sealed block for proposal at (\d+)`), nodelog.BlockSealed},
	{regexp.MustCompile(`Running session (\d+)\.`), nodelog.SessionStarted},
	{regexp.MustCompile(`Switched to major sync state\.`), nodelog.MajorSync},
	{regexp.MustCompile(`No longer in major sync state\.`), nodelog.NotMajorSync},
	{regexp.MustCompile(`sc_cli::runner: Aleph Node`), nodelog.NodeStarted},
}

func (fakeParser) Parse(_ context.Context, state []byte, lines []Line) ([]byte, [][]nodelog.Event, error) {
	count := 0
	if state != nil {
		var err error
		if count, err = strconv.Atoi(string(state)); err != nil {
			return nil, nil, fmt.Errorf("read state: %w", err)
		}
	}
	said := make([][]nodelog.Event, len(lines))
	for i, line := range lines {
		count++
		said[i] = fakeEvents(string(line.Text), float64(count))
		for j := range said[i] {
			said[i][j].Time = line.Time
		}
	}
	return strconv.AppendInt(nil, int64(count), 10), said, nil
}

func fakeEvents(text string, count float64) []nodelog.Event {
	var events []nodelog.Event
	for _, known := range fakeLines {
		if m := known.form.FindStringSubmatch(text); m != nil {
			event := nodelog.Event{Kind: known.kind, Text: text}
			if len(m) > 1 {
				event.Number, _ = strconv.ParseUint(m[1], 10, 64)
			}
			events = append(events, event)
		}
	}
	switch {
	case text == "how many":
		events = append(events, nodelog.Event{Kind: nodelog.FactGiven, Name: "lines", Value: count})
	case strings.HasPrefix(text, "FATAL "):
		events = append(events, nodelog.Event{Kind: nodelog.FatalCause, Name: "equivocation", Text: text})
	case strings.HasPrefix(text, "TROUBLE "):
		events = append(events, nodelog.Event{Kind: nodelog.FatalCause, Name: "panic", Text: text, Cures: true})
	}
	if peers, ok := strings.CutPrefix(text, "peers "); ok {
		number, _ := strconv.ParseFloat(peers, 64)
		events = append(events, nodelog.Event{Kind: nodelog.FactGiven, Name: "peers", Value: number})
	}
	return events
}

// fakeCondition is "a || b" of terms "fact" or "fact > number" or "fact < number".
type fakeCondition string

var _ ruleset.Condition = fakeCondition("")

func (c fakeCondition) terms() [][]string {
	var terms [][]string
	for term := range strings.SplitSeq(string(c), " || ") {
		terms = append(terms, strings.Fields(term))
	}
	return terms
}

func (c fakeCondition) Needs() []string {
	var names []string
	for _, term := range c.terms() {
		names = append(names, term[0])
	}
	return names
}

func (c fakeCondition) Holds(facts fact.List) (bool, error) {
	return slices.ContainsFunc(c.terms(), func(term []string) bool {
		f := facts.Get(term[0])
		if len(term) == 1 {
			return f.Truth
		}
		value, limit := f.Number, 0.0
		if f.Kind == fact.Blocks {
			value = float64(f.Count)
		}
		limit, _ = strconv.ParseFloat(term[2], 64)
		return term[1] == ">" && value > limit || term[1] == "<" && value < limit
	}), nil
}

// fakeMessage is a text with facts in braces.
type fakeMessage string

var _ ruleset.Message = fakeMessage("")

func (m fakeMessage) Text(facts fact.List) string {
	return regexp.MustCompile(`\{[^}]+\}`).ReplaceAllStringFunc(string(m), func(name string) string {
		return facts.Get(strings.Trim(name, "{}")).String()
	})
}
