package conformance

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
	"github.com/headwatch/headwatch/sdk/wire"
)

// oddLine is a line that a parser has to survive.
type oddLine struct {
	what string
	text []byte
}

func oddLines() []oddLine {
	const huge = handshake.MaxBatchBytes
	return []oddLine{
		{"an empty line", nil},
		{"a line of blanks", []byte("   \t ")},
		{"a NUL", []byte{0}},
		{"a line that is not UTF-8", []byte("imported \xff\xfe\xc3 #1")},
		{"a line that ends in the middle of a letter", []byte("best: #1 \xe2\x9c")},
		{"a carriage return", []byte("imported #1\r")},
		{"colours", []byte("\x1b[1m\x1b[32mimported\x1b[0m #1")},
		{"a number that is too large", append([]byte("imported #"), bytes.Repeat([]byte("9"), 400)...)},
		{"256 KiB of one letter", bytes.Repeat([]byte("a"), huge)},
		{"256 KiB of blanks", bytes.Repeat([]byte(" "), huge)},
		{"256 KiB of digits", bytes.Repeat([]byte("7"), huge)},
		{"256 KiB of bytes that are not UTF-8", bytes.Repeat([]byte{0xff}, huge)},
		{"256 KiB of brackets", bytes.Repeat([]byte("["), huge)},
	}
}

// slow is longer than a parser may take for one call.
const slow = 2 * time.Second

// checkParseBytes sends lines that no node should write, and some do.
func (r *run) checkParseBytes(ctx context.Context) error {
	return r.each(func(e example) error {
		instance, err := r.configured(ctx, e)
		if err != nil {
			return err
		}
		for _, odd := range oddLines() {
			if err := parsesOdd(ctx, instance, odd); err != nil {
				return err
			}
		}
		many := slices.Repeat([][]byte{[]byte("imported #1")}, handshake.MaxBatchLines)
		batches := map[string][]*pluginv1.Line{
			"a batch without a line":                nil,
			"a batch of 1,000 lines":                stamped(many),
			"a line without a stamp, and truncated": {{Text: []byte("imported #1"), Truncated: true}},
			"a line of a terminal":                  {{Text: []byte("imported #1"), Stream: pluginv1.Stream_STREAM_UNSPECIFIED}},
		}
		for what, lines := range batches {
			if err := parsesInTime(ctx, instance, what, lines); err != nil {
				return err
			}
		}
		r.note = fmt.Sprintf("%d odd lines", len(oddLines()))
		return nil
	})
}

func parsesOdd(ctx context.Context, i *Instance, odd oddLine) error {
	return parsesInTime(ctx, i, odd.what, stamped([][]byte{odd.text}))
}

func parsesInTime(ctx context.Context, i *Instance, what string, lines []*pluginv1.Line) error {
	began := time.Now()
	if _, err := parse(ctx, i, nil, lines); err != nil {
		return wrong("a line that says nothing gives no event; Parse never fails because of a line", "%s: %v", what, err)
	}
	if took := time.Since(began); took > slow {
		return wrong("look for a pattern that goes through a line again and again", "%s takes %s", what, took.Round(time.Millisecond))
	}
	return nil
}

// checkParseEvents judges what a parser gives, as the host does and a little
// more.
func (r *run) checkParseEvents(ctx context.Context) error {
	return r.eachLog(ctx, func(_ example, i *Instance, lines []*pluginv1.Line) error {
		var given []sdk.Line
		for _, line := range lines {
			given = append(given, sdk.Line{Time: line.GetTime().AsTime(), Text: line.GetText(), Stream: sdk.Stdout})
		}
		_, err := ask(ctx, callLimit, func(ctx context.Context) (struct{}, error) {
			_, _, err := wire.NewClient(i.conn).Parse(ctx, nil, given)
			return struct{}{}, err
		})
		if err != nil {
			return wrong("the host refuses the whole batch: events come in the order of their lines, each with the index of its line", "the host cannot take the events: %v", err)
		}
		answer, err := parse(ctx, i, nil, lines)
		if err != nil {
			return err
		}
		for _, e := range answer.GetEvents() {
			if found := judgeEvent(e); found != "" {
				return wrong("see message Event in plugin.proto", "%s: %s", event(e), found)
			}
		}
		return nil
	})
}

// judgeEvent says what is wrong with an event; empty where nothing is.
func judgeEvent(e *pluginv1.Event) string {
	switch kind := e.GetKind().(type) {
	case nil:
		if len(e.ProtoReflect().GetUnknown()) == 0 {
			return "it says nothing"
		}
	case *pluginv1.Event_BlockProduced:
		if kind.BlockProduced.GetStep() == pluginv1.ProductionStep_PRODUCTION_STEP_UNSPECIFIED {
			return "it says no step"
		}
	case *pluginv1.Event_FatalCause:
		if kind.FatalCause.GetKind() == "" || kind.FatalCause.GetMessage() == "" {
			return "a fatal cause needs a kind and the node's message, for the operator who is called"
		}
	case *pluginv1.Event_Fact:
		switch value := kind.Fact.GetValue().(type) {
		case nil:
			return "the fact has no value"
		case *pluginv1.Fact_Number:
			if value.Number-value.Number != 0 {
				return "the fact is not finite: give FactUnknown"
			}
		}
	case *pluginv1.Event_FactUnknown:
		if kind.FactUnknown.GetReason() == "" {
			return "it gives no reason, which stands in the verdict"
		}
	}
	return ""
}
