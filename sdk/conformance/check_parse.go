package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// parse is one call of Parse.
func parse(ctx context.Context, i *Instance, state []byte, lines []*pluginv1.Line) (*pluginv1.ParseResponse, error) {
	answer, err := ask(ctx, callLimit, func(ctx context.Context) (*pluginv1.ParseResponse, error) {
		return i.parser.Parse(ctx, &pluginv1.ParseRequest{State: state, Lines: lines})
	})
	if err != nil {
		return nil, failed(i, "Parse", err)
	}
	return answer, nil
}

// parseInPieces parses lines cut at the places given, from a state, and gives
// the events with the indices that they have in the whole.
func parseInPieces(ctx context.Context, i *Instance, state []byte, lines []*pluginv1.Line, cuts ...int) ([]*pluginv1.Event, []byte, error) {
	var events []*pluginv1.Event
	from := 0
	for _, to := range append(slices.Clone(cuts), len(lines)) {
		answer, err := parse(ctx, i, state, lines[from:to])
		if err != nil {
			return nil, nil, err
		}
		events = append(events, moved(answer.GetEvents(), from)...)
		state, from = answer.GetState(), to
	}
	return events, state, nil
}

// moved are events so many lines further down.
func moved(events []*pluginv1.Event, by int) []*pluginv1.Event {
	var all []*pluginv1.Event
	for _, e := range events {
		copied := proto.CloneOf(e)
		copied.Line += uint32(by)
		all = append(all, copied)
	}
	return all
}

// differ says where events are not the same; empty where they are.
func differ(want, got []*pluginv1.Event) string {
	for n := range max(len(want), len(got)) {
		switch {
		case n >= len(got):
			return fmt.Sprintf("%s is missing", event(want[n]))
		case n >= len(want):
			return fmt.Sprintf("%s is one too many", event(got[n]))
		case !proto.Equal(want[n], got[n]):
			return fmt.Sprintf("%s instead of %s", event(got[n]), event(want[n]))
		}
	}
	return ""
}

// event is an event in a report.
func event(e *pluginv1.Event) string {
	return "{" + shortened(prototext.MarshalOptions{}.Format(e)) + "}"
}

// eachLog makes a check for every example whose lines say something.
func (r *run) eachLog(ctx context.Context, do func(e example, i *Instance, lines []*pluginv1.Line) error) error {
	return r.each(func(e example) error {
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
	return r.eachLog(ctx, func(_ example, i *Instance, lines []*pluginv1.Line) error {
		half := len(lines) / 2
		var state []byte
		for _, batch := range [][]*pluginv1.Line{lines[:half], lines[half:], lines} {
			first, err := parse(ctx, i, state, batch)
			if err != nil {
				return err
			}
			second, err := parse(ctx, i, state, batch)
			if err != nil {
				return err
			}
			if found := differ(first.GetEvents(), second.GetEvents()); found != "" {
				return wrong(pure, "the same call gives other events the second time: %s", found)
			}
			state = first.GetState()
		}
		return nil
	})
}

// checkParseSplit cuts a batch in every way that tells.
func (r *run) checkParseSplit(ctx context.Context) error {
	return r.eachLog(ctx, func(_ example, i *Instance, lines []*pluginv1.Line) error {
		whole, _, err := parseInPieces(ctx, i, nil, lines)
		if err != nil {
			return err
		}
		for _, cuts := range splits(len(lines)) {
			events, _, err := parseInPieces(ctx, i, nil, lines, cuts...)
			if err != nil {
				return err
			}
			if found := differ(whole, events); found != "" {
				return wrong("what a line means may depend on the lines before it through the state only, whose change must not wait for the end of a batch",
					"a batch that is cut gives other events: cut before line %s, %s", shortened(fmt.Sprint(cuts)), found)
			}
		}
		return nil
	})
}

// splits are ways to cut so many lines: each line alone, in two at each place,
// with empty pieces, and at random.
func splits(lines int) [][]int {
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

// checkParseState carries the state to another process, as the host does when
// a plugin died.
func (r *run) checkParseState(ctx context.Context) error {
	return r.eachLog(ctx, func(e example, i *Instance, lines []*pluginv1.Line) error {
		other, err := r.another(ctx, e)
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
			if found := differ(same.GetEvents(), elsewhere.GetEvents()); found != "" {
				return wrong(pure, "another process goes on differently with the state after line %d: %s", at, found)
			}
		}
		return nil
	})
}

// checkParseInterleave reads two logs in turns.
func (r *run) checkParseInterleave(ctx context.Context) error {
	return r.eachLog(ctx, func(_ example, i *Instance, lines []*pluginv1.Line) error {
		logs := [2][]*pluginv1.Line{lines, reversed(lines)}
		each := splits(len(lines))[0]
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
				got[n] = append(got[n], moved(answer.GetEvents(), at)...)
			}
		}
		for n := range logs {
			if found := differ(want[n], got[n]); found != "" {
				return wrong(pure+"; one process reads the logs of many targets", "two logs that are read in turns get mixed up: %s", found)
			}
		}
		return nil
	})
}

func reversed(lines []*pluginv1.Line) []*pluginv1.Line {
	turned := slices.Clone(lines)
	slices.Reverse(turned)
	return turned
}
