package conformance

import (
	"context"
	"fmt"
	"slices"

	"github.com/headwatch/headwatch/sdk/conformance/internal/batch"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// parse is one call of Parse.
func parse(ctx context.Context, i *subject.Instance, state []byte, lines []*pluginv1.Line) (*pluginv1.ParseResponse, error) {
	return called(ctx, i, i.Parser.Parse, &pluginv1.ParseRequest{State: state, Lines: lines})
}

// parseInPieces parses lines cut at the places given, from a state, and gives
// the events with the indices that they have in the whole.
func parseInPieces(ctx context.Context, i *subject.Instance, state []byte, lines []*pluginv1.Line, cuts ...int) ([]*pluginv1.Event, []byte, error) {
	var events []*pluginv1.Event
	from := 0
	for _, to := range append(slices.Clone(cuts), len(lines)) {
		answer, err := parse(ctx, i, state, lines[from:to])
		if err != nil {
			return nil, nil, err
		}
		events = append(events, batch.Moved(answer.GetEvents(), from)...)
		state, from = answer.GetState(), to
	}
	return events, state, nil
}

// eachLog makes a check for every example whose lines say something.
func (r *run) eachLog(ctx context.Context, do func(e example, i *subject.Instance, lines []*pluginv1.Line) error) error {
	return r.eachExample(func(e example) error {
		lines := linesOf(e)
		if len(lines) == 0 {
			return skipped("no example has log lines: publish some in Info.Examples")
		}
		instance, err := r.configured(ctx, e)
		if err != nil {
			return err
		}
		events, _, err := parseInPieces(ctx, instance, nil, lines)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return skipped("the lines of the examples give no event: publish lines that do in Info.Examples")
		}
		r.note = fmt.Sprintf("%s, %s", plural(len(lines), "line"), plural(len(events), "event"))
		return do(e, instance, lines)
	})
}

// pure says what a parser must be.
const pure = "Parse is a pure function of state and lines: keep everything that it has to remember in the state that it returns, and nothing in the process"

// checkParseRepeat asks the same twice.
func (r *run) checkParseRepeat(ctx context.Context) error {
	return r.eachLog(ctx, func(_ example, i *subject.Instance, lines []*pluginv1.Line) error {
		half := len(lines) / 2
		var state []byte
		for _, part := range [][]*pluginv1.Line{lines[:half], lines[half:], lines} {
			first, err := parse(ctx, i, state, part)
			if err != nil {
				return err
			}
			second, err := parse(ctx, i, state, part)
			if err != nil {
				return err
			}
			if found := batch.Differ(first.GetEvents(), second.GetEvents()); found != "" {
				return wrong(pure, "the same call gives other events the second time: %s", found)
			}
			state = first.GetState()
		}
		return nil
	})
}

// checkParseSplit cuts a batch in every way that tells.
func (r *run) checkParseSplit(ctx context.Context) error {
	return r.eachLog(ctx, func(_ example, i *subject.Instance, lines []*pluginv1.Line) error {
		whole, _, err := parseInPieces(ctx, i, nil, lines)
		if err != nil {
			return err
		}
		for _, cuts := range batch.Splits(len(lines)) {
			events, _, err := parseInPieces(ctx, i, nil, lines, cuts...)
			if err != nil {
				return err
			}
			if found := batch.Differ(whole, events); found != "" {
				return wrong("what a line means may depend on the lines before it through the state only, whose change must not wait for the end of a batch",
					"a batch that is cut gives other events: cut before line %s, %s", shortened(fmt.Sprint(cuts)), found)
			}
		}
		return nil
	})
}

// checkParseState carries the state to another process, as the host does when
// a plugin died.
func (r *run) checkParseState(ctx context.Context) error {
	return r.eachLog(ctx, func(e example, i *subject.Instance, lines []*pluginv1.Line) error {
		other, err := r.startConfigured(ctx, e)
		if err != nil {
			return err
		}
		for at := 1; at < len(lines); at += max(1, len(lines)/10) {
			before, err := parse(ctx, i, nil, lines[:at])
			if err != nil {
				return err
			}
			state := before.GetState()
			if len(state) > 1<<20 {
				return wrong("keep what is needed to read on, not the lines", "the state after %d lines takes %d bytes, of at most 1 MiB", at, len(state))
			}
			same, err := parse(ctx, i, state, lines[at:])
			if err != nil {
				return err
			}
			elsewhere, err := parse(ctx, other, state, lines[at:])
			if err != nil {
				return err
			}
			if found := batch.Differ(same.GetEvents(), elsewhere.GetEvents()); found != "" {
				return wrong(pure, "another process goes on differently with the state after line %d: %s", at, found)
			}
		}
		return nil
	})
}

// checkParseInterleave reads two logs in turns.
func (r *run) checkParseInterleave(ctx context.Context) error {
	return r.eachLog(ctx, func(_ example, i *subject.Instance, lines []*pluginv1.Line) error {
		turned := slices.Clone(lines)
		slices.Reverse(turned)
		logs := [2][]*pluginv1.Line{lines, turned}
		each := batch.Splits(len(lines))[0]
		var want, got [2][]*pluginv1.Event
		for n, log := range logs {
			var err error
			if want[n], _, err = parseInPieces(ctx, i, nil, log, each...); err != nil {
				return err
			}
		}
		var states [2][]byte
		for at := range lines {
			for n, log := range logs {
				answer, err := parse(ctx, i, states[n], log[at:at+1])
				if err != nil {
					return err
				}
				states[n] = answer.GetState()
				got[n] = append(got[n], batch.Moved(answer.GetEvents(), at)...)
			}
		}
		for n := range logs {
			if found := batch.Differ(want[n], got[n]); found != "" {
				return wrong(pure+"; one process reads the logs of many targets", "two logs that are read in turns get mixed up: %s", found)
			}
		}
		return nil
	})
}
