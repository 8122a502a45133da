package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// Bounds on what a plugin may send, beside those of a message.
const (
	// maxText bounds a text for people, in bytes.
	maxText = 8 << 10
	// maxState bounds what a parser remembers, and maxCursor a place in a log.
	maxState, maxCursor = 1 << 20, 64 << 10
	// deepest bounds how far blocks nest.
	deepest = 10
)

func infoOf(r *pluginv1.GetInfoResponse) sdk.Info {
	info := sdk.Info{Name: text(r.GetName()), Version: text(r.GetVersion()), Description: text(r.GetDescription()), Features: texts(r.GetFeatures())}
	for _, kind := range r.GetKinds() {
		info.Kinds = append(info.Kinds, sdk.Kind(text(kind)))
	}
	for _, e := range r.GetExamples() {
		example := sdk.Example{Name: text(e.GetName()), Config: string(e.GetConfigJson()), Target: string(e.GetTargetJson()), Missing: e.GetMissing(), Disposable: e.GetDisposable()}
		for _, line := range e.GetLines() {
			example.Lines = append(example.Lines, string(line))
		}
		info.Examples = append(info.Examples, example)
	}
	return info
}

// What may be wrong with a name in a schema.
var (
	errNoName = errors.New("is no name")
	errTwice  = errors.New("stands there twice")
)

// schemaOf reads a schema that stands so many blocks deep.
func schemaOf(s *pluginv1.Schema, depth int) (sdk.Schema, error) {
	var schema sdk.Schema
	if depth > deepest {
		return schema, fmt.Errorf("blocks nest more than %d deep", deepest)
	}
	names := map[string]bool{}
	for _, a := range s.GetAttributes() {
		attribute, err := attributeOf(a)
		if err == nil && names[a.GetName()] {
			err = errTwice
		}
		if err != nil {
			return schema, fmt.Errorf("attribute %q: %w", text(a.GetName()), err)
		}
		names[a.GetName()] = true
		schema.Attributes = append(schema.Attributes, attribute)
	}
	for _, b := range s.GetBlocks() {
		inner, err := schemaOf(b.GetSchema(), depth+1)
		if err == nil && !handshake.IsName(b.GetName()) {
			err = errNoName
		}
		if err == nil && names[b.GetName()] {
			err = errTwice
		}
		if err != nil {
			return schema, fmt.Errorf("block %q: %w", text(b.GetName()), err)
		}
		names[b.GetName()] = true
		schema.Blocks = append(schema.Blocks, sdk.Block{Name: b.GetName(), Schema: inner, Required: b.GetRequired(),
			Repeated: b.GetRepeated(), Description: text(b.GetDescription())})
	}
	return schema, nil
}

func attributeOf(a *pluginv1.Attribute) (sdk.Attribute, error) {
	attribute := sdk.Attribute{Name: a.GetName(), Type: attributeTypes()[a.GetType()], Required: a.GetRequired(),
		Default: string(a.GetDefaultJson()), Description: text(a.GetDescription()), Sensitive: a.GetSensitive(),
		Deprecated: text(a.GetDeprecated()), Allowed: a.GetAllowed()}
	switch {
	case !handshake.IsName(a.GetName()):
		return attribute, errNoName
	case attribute.Type == "":
		return attribute, fmt.Errorf("type %d is unknown", a.GetType())
	case attribute.Default != "" && !json.Valid([]byte(attribute.Default)):
		return attribute, errors.New("its default is no JSON")
	}
	return attribute, nil
}

func attributeTypes() map[pluginv1.AttributeType]sdk.AttributeType {
	return map[pluginv1.AttributeType]sdk.AttributeType{
		pluginv1.AttributeType_ATTRIBUTE_TYPE_STRING:      sdk.TypeString,
		pluginv1.AttributeType_ATTRIBUTE_TYPE_INTEGER:     sdk.TypeInteger,
		pluginv1.AttributeType_ATTRIBUTE_TYPE_NUMBER:      sdk.TypeNumber,
		pluginv1.AttributeType_ATTRIBUTE_TYPE_BOOL:        sdk.TypeBool,
		pluginv1.AttributeType_ATTRIBUTE_TYPE_DURATION:    sdk.TypeDuration,
		pluginv1.AttributeType_ATTRIBUTE_TYPE_STRING_LIST: sdk.TypeStringList,
		pluginv1.AttributeType_ATTRIBUTE_TYPE_STRING_MAP:  sdk.TypeStringMap,
	}
}

func diagnosticsOf(said []*pluginv1.Diagnostic) []sdk.Diagnostic {
	var all []sdk.Diagnostic
	for _, d := range said {
		all = append(all, sdk.Diagnostic{Summary: text(d.GetSummary()), Hint: text(d.GetHint()), Path: texts(d.GetPath()), InTarget: d.GetInTarget(),
			Warning: d.GetSeverity() == pluginv1.Severity_SEVERITY_WARNING})
	}
	return all
}

// errLater is the answer for what a later minor version of the protocol adds.
// It is left out.
var errLater = errors.New("of a later version of the protocol")

// itemOf reads an item of a log, or returns errLater.
func itemOf(r *pluginv1.ReadResponse) (sdk.LogItem, error) {
	switch item := r.GetItem().(type) {
	case *pluginv1.ReadResponse_RunStarted:
		at, err := timeOf(item.RunStarted.GetStartedAt())
		return sdk.RunStarted{StartedAt: at}, err
	case *pluginv1.ReadResponse_Lines:
		return linesOf(item.Lines)
	case *pluginv1.ReadResponse_BacklogEnd:
		return sdk.BacklogEnd{}, nil
	case *pluginv1.ReadResponse_Gap:
		after, err := timeOf(item.Gap.GetAfter())
		until, err2 := timeOf(item.Gap.GetUntil())
		return sdk.Gap{After: after, Until: until, Reason: text(item.Gap.GetReason())}, errors.Join(err, err2)
	case *pluginv1.ReadResponse_Unreadable:
		return sdk.Unreadable{Reason: text(item.Unreadable.GetReason())}, nil
	}
	return nil, errLater
}

func linesOf(batch *pluginv1.Lines) (sdk.Lines, error) {
	if len(batch.GetCursor()) > maxCursor {
		return sdk.Lines{}, fmt.Errorf("cursor of %d bytes is longer than %d", len(batch.GetCursor()), maxCursor)
	}
	lines := sdk.Lines{Cursor: batch.GetCursor(), Lines: make([]sdk.Line, len(batch.GetLines()))}
	for i, l := range batch.GetLines() {
		at, err := timeOf(l.GetTime())
		if err != nil {
			return lines, fmt.Errorf("stamp of line: %w", err)
		}
		lines.Lines[i] = sdk.Line{Time: at, Text: l.GetText(), Stream: streamOf(l.GetStream()), Truncated: l.GetTruncated()}
	}
	return lines, nil
}

// streamOf is the stream of a line; one of a later protocol is not known.
func streamOf(s pluginv1.Stream) sdk.Stream {
	if s == pluginv1.Stream_STREAM_STDOUT || s == pluginv1.Stream_STREAM_STDERR {
		return sdk.Stream(s)
	}
	return sdk.StreamUnknown
}

// linesTo writes lines; one that is too large for a message loses its end. A
// replay sends millions, so a batch is two allocations and not two for each.
func linesTo(lines []sdk.Line) []*pluginv1.Line {
	type stampedLine struct {
		line pluginv1.Line
		time timestamppb.Timestamp
	}
	all, written := make([]stampedLine, len(lines)), make([]*pluginv1.Line, len(lines))
	for i, l := range lines {
		w := &all[i]
		text, cut := handshake.Cut(l.Text)
		w.line.Text, w.line.Stream, w.line.Truncated = text, pluginv1.Stream(l.Stream), l.Truncated || cut
		if !l.Time.IsZero() {
			w.time.Seconds, w.time.Nanos = l.Time.Unix(), int32(l.Time.Nanosecond())
			w.line.Time = &w.time
		}
		written[i] = &w.line
	}
	return written
}

// eventsOf reads the events of a batch of so many lines.
func eventsOf(said []*pluginv1.Event, lines int) ([]ParsedEvent, error) {
	var events []ParsedEvent
	last := 0
	for _, e := range said {
		line := int(e.GetLine())
		if line >= lines || line < last {
			return nil, fmt.Errorf("event of line %d after one of line %d, of %d", line, last, lines)
		}
		last = line
		event, err := eventOf(e)
		later := ""
		switch {
		case errors.Is(err, errLater):
			later = laterKind(e)
		case err != nil:
			return nil, fmt.Errorf("event of line %d: %w", line, err)
		}
		if event == nil && later == "" {
			continue // it says nothing
		}
		if events == nil {
			events = make([]ParsedEvent, 0, len(said))
		}
		events = append(events, ParsedEvent{Line: line, Event: event, Later: later})
	}
	return events, nil
}

// laterKind names what a later protocol adds in an event; empty where there is
// nothing in it.
func laterKind(e *pluginv1.Event) string {
	switch kind := e.GetKind().(type) {
	case *pluginv1.Event_BlockProduced:
		return fmt.Sprintf("block_produced, step %d", kind.BlockProduced.GetStep())
	case *pluginv1.Event_Fact:
		return "fact, of another type"
	}
	number, _, n := protowire.ConsumeTag(e.ProtoReflect().GetUnknown())
	if n < 0 {
		return ""
	}
	return fmt.Sprintf("event %d", number)
}

// eventOf reads an event, or returns errLater.
func eventOf(e *pluginv1.Event) (sdk.Event, error) {
	switch kind := e.GetKind().(type) {
	case *pluginv1.Event_BlockImported:
		b := kind.BlockImported
		if b.GetBest() {
			return sdk.BlockBest{Number: b.GetNumber(), Hash: text(b.GetHash())}, nil
		}
		return sdk.BlockImported{Number: b.GetNumber(), Hash: text(b.GetHash())}, nil
	case *pluginv1.Event_BlockFinalized:
		return sdk.BlockFinalized{Number: kind.BlockFinalized.GetNumber(), Hash: text(kind.BlockFinalized.GetHash())}, nil
	case *pluginv1.Event_BlockProduced:
		step := sdk.ProductionStep(kind.BlockProduced.GetStep())
		if step != sdk.Prepared && step != sdk.Sealed {
			return nil, errLater
		}
		return sdk.BlockProduced{Number: kind.BlockProduced.GetNumber(), Step: step}, nil
	case *pluginv1.Event_SyncState:
		return sdk.SyncState{Major: kind.SyncState.GetMajor()}, nil
	case *pluginv1.Event_SessionStarted:
		return sdk.SessionStarted{Number: kind.SessionStarted.GetNumber()}, nil
	case *pluginv1.Event_NodeStarted:
		return sdk.NodeStarted{Version: text(kind.NodeStarted.GetVersion())}, nil
	case *pluginv1.Event_FatalCause:
		c := kind.FatalCause
		return sdk.FatalCause{Kind: text(c.GetKind()), Message: text(c.GetMessage()), RestartCures: c.GetRestartCures()}, nil
	case *pluginv1.Event_Fact:
		return factOf(kind.Fact)
	case *pluginv1.Event_FactUnknown:
		if !handshake.IsName(kind.FactUnknown.GetName()) {
			return nil, fmt.Errorf("unknown fact has the name %q", text(kind.FactUnknown.GetName()))
		}
		return sdk.FactUnknown{Name: kind.FactUnknown.GetName(), Reason: text(kind.FactUnknown.GetReason())}, nil
	}
	return nil, errLater
}

func factOf(f *pluginv1.Fact) (sdk.Event, error) {
	if !handshake.IsName(f.GetName()) {
		return nil, fmt.Errorf("fact has the name %q", text(f.GetName()))
	}
	switch value := f.GetValue().(type) {
	case *pluginv1.Fact_Number:
		if math.IsNaN(value.Number) || math.IsInf(value.Number, 0) {
			return sdk.FactUnknown{Name: f.GetName(), Reason: fmt.Sprintf("the parser gave %v", value.Number)}, nil
		}
		return sdk.Fact{Name: f.GetName(), Value: value.Number}, nil
	case *pluginv1.Fact_Truth:
		return sdk.Fact{Name: f.GetName(), Value: value.Truth}, nil
	case *pluginv1.Fact_Text:
		return sdk.Fact{Name: f.GetName(), Value: text(value.Text)}, nil
	}
	return nil, errLater
}

func resultOf(r *pluginv1.ExecuteResponse) (sdk.Result, error) {
	started, err := timeOf(r.GetStartedAt())
	until, err2 := timeOf(r.GetOpenUntil())
	if err := errors.Join(err, err2); err != nil {
		return sdk.Result{}, err
	}
	outcome := sdk.Outcome(r.GetOutcome())
	if outcome < sdk.Done || outcome > sdk.Unknown {
		outcome = sdk.Unknown
	}
	return sdk.Result{Outcome: outcome, Detail: text(r.GetDetail()), StopTook: max(0, r.GetStopTook().AsDuration()), Killed: r.GetKilled(),
		ExitCode: exitCode(r.ExitCode), StartedAt: started, OpenUntil: until}, nil
}

func exitCode(code *int32) *int {
	if code == nil {
		return nil
	}
	return new(int(*code))
}

// timeOf reads a time; one that is not given is the zero time.
func timeOf(t *timestamppb.Timestamp) (time.Time, error) {
	if t == nil {
		return time.Time{}, nil
	}
	if err := t.CheckValid(); err != nil {
		return time.Time{}, err
	}
	return t.AsTime(), nil
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// endpoint is an address as it may be shown: what stands in a path, a query or
// user info may be a key.
func endpoint(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return ""
	}
	return text((&url.URL{Scheme: u.Scheme, Host: u.Host}).String())
}

// text is a text of a plugin as it may be shown: of bounded length, and on one
// line.
func text(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

func texts(all []string) []string {
	var shown []string
	for _, s := range all {
		shown = append(shown, text(s))
	}
	return shown
}
