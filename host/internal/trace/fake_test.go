package trace

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// fakeParser knows as much of a node's log as the traces here need. Its state is
// the number of lines it has read in the run; the line "how many" asks for it.
type fakeParser struct{}

var _ Parser = fakeParser{}

// fakeLines are the forms it knows. A number in the line is the event's.
var fakeLines = []struct {
	form *regexp.Regexp
	kind rule.EventKind
}{
	{regexp.MustCompile(`Imported:? #(\d+)`), rule.BlockImported},
	{regexp.MustCompile(`finalized: #(\d+)`), rule.BlockFinalized},
	{regexp.MustCompile(`Prepared block for proposing at (\d+)`), rule.BlockPrepared},
	{regexp.MustCompile(`Pre-sealed block for proposal at (\d+)`), rule.BlockSealed},
	{regexp.MustCompile(`Running session (\d+)\.`), rule.SessionStarted},
	{regexp.MustCompile(`Switched to major sync state\.`), rule.MajorSync},
	{regexp.MustCompile(`No longer in major sync state\.`), rule.NotMajorSync},
	{regexp.MustCompile(`sc_cli::runner: Aleph Node`), rule.NodeStarted},
}

func (fakeParser) Parse(_ context.Context, state []byte, lines []Line) ([]byte, [][]rule.Event, error) {
	count := 0
	if state != nil {
		var err error
		if count, err = strconv.Atoi(string(state)); err != nil {
			return nil, nil, fmt.Errorf("read state: %w", err)
		}
	}
	said := make([][]rule.Event, len(lines))
	for i, line := range lines {
		count++
		said[i] = fakeEvents(string(line.Text), float64(count))
		for j := range said[i] {
			said[i][j].Time = line.Time
		}
	}
	return strconv.AppendInt(nil, int64(count), 10), said, nil
}

func fakeEvents(text string, count float64) []rule.Event {
	var events []rule.Event
	for _, known := range fakeLines {
		if m := known.form.FindStringSubmatch(text); m != nil {
			event := rule.Event{Kind: known.kind, Text: text}
			if len(m) > 1 {
				event.Number, _ = strconv.ParseUint(m[1], 10, 64)
			}
			events = append(events, event)
		}
	}
	switch {
	case text == "how many":
		events = append(events, rule.Event{Kind: rule.FactGiven, Name: "lines", Value: count})
	case strings.HasPrefix(text, "FATAL "):
		events = append(events, rule.Event{Kind: rule.FatalCause, Name: "equivocation", Text: text})
	case strings.HasPrefix(text, "TROUBLE "):
		events = append(events, rule.Event{Kind: rule.FatalCause, Name: "panic", Text: text, Cures: true})
	}
	if peers, ok := strings.CutPrefix(text, "peers "); ok {
		number, _ := strconv.ParseFloat(peers, 64)
		events = append(events, rule.Event{Kind: rule.FactGiven, Name: "peers", Value: number})
	}
	return events
}

// fakeCondition is "a || b" of terms "fact" or "fact > number" or "fact < number".
type fakeCondition string

var _ rule.Condition = fakeCondition("")

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

func (c fakeCondition) Holds(facts rule.Facts) (bool, error) {
	return slices.ContainsFunc(c.terms(), func(term []string) bool {
		fact := facts.Get(term[0])
		if len(term) == 1 {
			return fact.Truth
		}
		value, limit := fact.Number, 0.0
		if fact.Kind == rule.Blocks {
			value = float64(fact.Count)
		}
		limit, _ = strconv.ParseFloat(term[2], 64)
		return term[1] == ">" && value > limit || term[1] == "<" && value < limit
	}), nil
}

// fakeMessage is a text with facts in braces.
type fakeMessage string

var _ rule.Message = fakeMessage("")

func (m fakeMessage) Text(facts rule.Facts) string {
	return regexp.MustCompile(`\{[^}]+\}`).ReplaceAllStringFunc(string(m), func(name string) string {
		return facts.Get(strings.Trim(name, "{}")).String()
	})
}
