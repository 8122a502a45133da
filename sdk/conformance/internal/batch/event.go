package batch

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// Moved are events so many lines further down.
func Moved(events []*pluginv1.Event, by int) []*pluginv1.Event {
	var all []*pluginv1.Event
	for _, e := range events {
		copied := proto.CloneOf(e)
		copied.Line += uint32(by)
		all = append(all, copied)
	}
	return all
}

// Differ says where events are not the same; empty where they are.
func Differ(want, got []*pluginv1.Event) string {
	for n := range max(len(want), len(got)) {
		switch {
		case n >= len(got):
			return fmt.Sprintf("%s is missing", Text(want[n]))
		case n >= len(want):
			return fmt.Sprintf("%s is one too many", Text(got[n]))
		case !proto.Equal(want[n], got[n]):
			return fmt.Sprintf("%s instead of %s", Text(got[n]), Text(want[n]))
		}
	}
	return ""
}

// Text is an event in a report, on one line and not long.
func Text(e *pluginv1.Event) string {
	const enough = 300
	text := prototext.MarshalOptions{}.Format(e)
	if len(text) > enough {
		text = strings.ToValidUTF8(text[:enough], "") + "…"
	}
	return "{" + text + "}"
}

// Judge says what is wrong with an event; empty where nothing is.
func Judge(e *pluginv1.Event) string {
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
