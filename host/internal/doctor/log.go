package doctor

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/observe"
	"github.com/headwatch/headwatch/sdk"
)

// mostLines is how many of the log's last lines are read at most; enoughLines how
// many a log has of which nothing being understood is a mistake.
const (
	mostLines   = 1000
	enoughLines = 20
	// logOld is how old the last line of a node that works is not.
	logOld = 5 * time.Minute
)

// logSeen is what was read of the log.
type logSeen struct {
	read   bool
	lines  int
	spoke  int
	last   time.Time
	events []nodelog.Event
	err    error
}

// readLog reads the log's end once, without following it.
func (e *examination) readLog(ctx context.Context) {
	if e.Parser == nil {
		return
	}
	seen, err := within(ctx, logWithin, func(ctx context.Context) (logSeen, error) {
		seen, state := logSeen{read: true}, []byte(nil)
		err := e.Log.ReadLog(ctx, sdk.ReadFrom{Tail: min(e.Tail, mostLines), NoFollow: true}, func(item sdk.LogItem) error {
			switch item := item.(type) {
			case sdk.RunStarted:
				seen, state = logSeen{read: true}, nil // what was before says nothing about this run
			case sdk.Lines:
				next, err := e.parse(ctx, &seen, state, item.Lines)
				state = next
				return err
			}
			return nil
		})
		return seen, err
	})
	e.log = seen
	e.log.err = err
}

// parse gives lines to the parser one by one, so that it can be told how many of them
// it understood.
func (e *examination) parse(ctx context.Context, seen *logSeen, state []byte, lines []sdk.Line) ([]byte, error) {
	for _, line := range lines {
		line.Text = bytes.Clone(line.Text)
		if !line.Time.IsZero() {
			line.Time = line.Time.Add(-observe.Ahead(e.state))
		}
		next, events, err := e.Parser.Parse(ctx, state, []sdk.Line{line})
		if err != nil {
			return state, fmt.Errorf("the parser: %w", err)
		}
		state = next
		seen.lines++
		seen.last = line.Time
		if len(events) > 0 {
			seen.spoke++
		}
		seen.events = append(seen.events, events...)
	}
	return state, nil
}

// judgeLog says what the log is worth.
func (e *examination) judgeLog(found *findings) {
	seen := e.log
	switch {
	case seen.err != nil:
		found.add(Error, "Until the log can be read the node's own height is unknown, and nothing is restarted.", "the log cannot be read: %v", seen.err)
		return
	case !seen.read:
		return
	case seen.lines == 0:
		found.add(Warning, "A node that has just started may say nothing yet; else its log goes elsewhere than to standard output.", "the log of this run has no line")
		return
	}
	level, mend := OK, ""
	if age := time.Since(seen.last); age > logOld && !seen.last.IsZero() {
		level, mend = Warning, "A node that works says something every few seconds: see docker logs."
	}
	found.add(level, mend, "log: %s, the newest %s", count(seen.lines, "last line"), ago(seen.last))
	seen.judgeParser(found)
	seen.judgeCauses(found)
}

// judgeParser says what the parser made of the lines.
func (seen logSeen) judgeParser(found *findings) {
	const mend = "See which lines are not read with headwatch parse --stats, and whether log_parser names the right plugin, preset or chain."
	tells := func(kinds ...nodelog.EventKind) bool {
		return slices.ContainsFunc(seen.events, func(e nodelog.Event) bool { return slices.Contains(kinds, e.Kind) })
	}
	switch {
	case seen.spoke == 0 && seen.lines >= enoughLines:
		found.add(Error, mend, "the parser understood none of them")
	case seen.spoke == 0:
		found.add(Warning, "They may be too few; where more of them do not help: "+mend, "the parser understood none of them")
	case !tells(nodelog.BlockImported, nodelog.BlockBest):
		found.add(Warning, mend, "the parser understood %d of them, and none says which block the node has: %s", seen.spoke, seen.kinds())
	default:
		found.add(OK, "", "the parser understood %d of them: %s", seen.spoke, seen.kinds())
	}
	for _, e := range seen.events {
		if e.Kind == nodelog.FactUnknown {
			found.add(Warning, "", "the parser cannot tell %s: %s", e.Name, e.Text)
			return
		}
	}
}

// judgeCauses tells of fatal lines.
func (seen logSeen) judgeCauses(found *findings) {
	told := map[string]bool{}
	for _, e := range seen.events {
		if e.Kind != nodelog.FatalCause || told[e.Name] {
			continue
		}
		told[e.Name] = true
		found.add(Warning, "Read the node's log around it.", "the log of this run tells of %s: %s", e.Name, e.Text)
	}
}

// kinds are the events with how often each was read.
func (seen logSeen) kinds() string {
	counts := map[string]int{}
	for _, e := range seen.events {
		counts[string(e.Kind)]++
	}
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, counts[name])
	}
	return strings.Join(names, ", ")
}
