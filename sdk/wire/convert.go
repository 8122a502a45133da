package wire

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

func infoOf(r *pluginv1.GetInfoResponse) sdk.Info {
	info := sdk.Info{Name: r.GetName(), Version: r.GetVersion(), Description: r.GetDescription(), Features: r.GetFeatures()}
	for _, kind := range r.GetKinds() {
		info.Kinds = append(info.Kinds, sdk.Kind(kind))
	}
	for _, e := range r.GetExamples() {
		example := sdk.Example{Name: e.GetName(), Config: string(e.GetConfigJson()), Target: string(e.GetTargetJson())}
		for _, line := range e.GetLines() {
			example.Lines = append(example.Lines, string(line))
		}
		info.Examples = append(info.Examples, example)
	}
	return info
}

func schemaOf(s *pluginv1.Schema) (sdk.Schema, error) {
	var schema sdk.Schema
	for _, a := range s.GetAttributes() {
		kind, ok := attributeTypes()[a.GetType()]
		if !ok || a.GetName() == "" {
			return schema, fmt.Errorf("attribute %q has no known type", a.GetName())
		}
		schema.Attributes = append(schema.Attributes, sdk.Attribute{Name: a.GetName(), Type: kind, Required: a.GetRequired(),
			Default: string(a.GetDefaultJson()), Description: a.GetDescription(), Sensitive: a.GetSensitive(),
			Deprecated: a.GetDeprecated(), Allowed: a.GetAllowed()})
	}
	for _, b := range s.GetBlocks() {
		inner, err := schemaOf(b.GetSchema())
		if err != nil {
			return schema, fmt.Errorf("block %q: %w", b.GetName(), err)
		}
		schema.Blocks = append(schema.Blocks, sdk.Block{Name: b.GetName(), Schema: inner, Required: b.GetRequired(),
			Repeated: b.GetRepeated(), Description: b.GetDescription()})
	}
	return schema, nil
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
		all = append(all, sdk.Diagnostic{Summary: d.GetSummary(), Hint: d.GetHint(), Path: d.GetPath(), InTarget: d.GetInTarget(),
			Warning: d.GetSeverity() == pluginv1.Severity_SEVERITY_WARNING})
	}
	return all
}

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
		return sdk.Gap{After: after, Until: until, Reason: item.Gap.GetReason()}, errors.Join(err, err2)
	case *pluginv1.ReadResponse_Unreadable:
		return sdk.Unreadable{Reason: item.Unreadable.GetReason()}, nil
	}
	return nil, errors.New("log item is of an unknown kind")
}

func linesOf(batch *pluginv1.Lines) (sdk.Lines, error) {
	lines := sdk.Lines{Cursor: batch.GetCursor(), Lines: make([]sdk.Line, len(batch.GetLines()))}
	for i, l := range batch.GetLines() {
		at, err := timeOf(l.GetTime())
		if err != nil {
			return lines, fmt.Errorf("read stamp of log line: %w", err)
		}
		lines.Lines[i] = sdk.Line{Time: at, Text: l.GetText(), Stream: sdk.Stream(l.GetStream()), Truncated: l.GetTruncated()}
	}
	return lines, nil
}

func streamTo(s sdk.Stream) pluginv1.Stream { return pluginv1.Stream(s) }

func eventOf(e *pluginv1.Event) (sdk.Event, error) {
	switch kind := e.GetKind().(type) {
	case *pluginv1.Event_BlockImported:
		return sdk.BlockImported{Number: kind.BlockImported.GetNumber(), Hash: kind.BlockImported.GetHash()}, nil
	case *pluginv1.Event_BlockFinalized:
		return sdk.BlockFinalized{Number: kind.BlockFinalized.GetNumber(), Hash: kind.BlockFinalized.GetHash()}, nil
	case *pluginv1.Event_BlockProduced:
		step := sdk.ProductionStep(kind.BlockProduced.GetStep())
		if step != sdk.Prepared && step != sdk.Sealed {
			return nil, fmt.Errorf("production step %d is unknown", step)
		}
		return sdk.BlockProduced{Number: kind.BlockProduced.GetNumber(), Step: step}, nil
	case *pluginv1.Event_SyncState:
		return sdk.SyncState{Major: kind.SyncState.GetMajor()}, nil
	case *pluginv1.Event_SessionStarted:
		return sdk.SessionStarted{Number: kind.SessionStarted.GetNumber()}, nil
	case *pluginv1.Event_NodeStarted:
		return sdk.NodeStarted{Version: kind.NodeStarted.GetVersion()}, nil
	case *pluginv1.Event_FatalCause:
		c := kind.FatalCause
		return sdk.FatalCause{Kind: c.GetKind(), Message: c.GetMessage(), RestartCures: c.GetRestartCures()}, nil
	case *pluginv1.Event_Fact:
		return factOf(kind.Fact)
	case *pluginv1.Event_FactUnknown:
		return sdk.FactUnknown{Name: kind.FactUnknown.GetName(), Reason: kind.FactUnknown.GetReason()}, nil
	}
	return nil, errors.New("event is of an unknown kind")
}

func factOf(f *pluginv1.Fact) (sdk.Event, error) {
	if f.GetName() == "" || strings.ContainsAny(f.GetName(), " .\n") {
		return nil, fmt.Errorf("fact has the name %q", f.GetName())
	}
	switch value := f.GetValue().(type) {
	case *pluginv1.Fact_Number:
		if math.IsNaN(value.Number) || math.IsInf(value.Number, 0) {
			return nil, fmt.Errorf("fact %s is no number", f.GetName())
		}
		return sdk.Fact{Name: f.GetName(), Value: value.Number}, nil
	case *pluginv1.Fact_Truth:
		return sdk.Fact{Name: f.GetName(), Value: value.Truth}, nil
	case *pluginv1.Fact_Text:
		return sdk.Fact{Name: f.GetName(), Value: value.Text}, nil
	}
	return nil, fmt.Errorf("fact %s has no value", f.GetName())
}

func stateOf(s *pluginv1.TargetState) (sdk.State, error) {
	if s == nil {
		return sdk.State{}, errors.New("the plugin gave no state")
	}
	started, err := timeOf(s.GetStartedAt())
	finished, err2 := timeOf(s.GetFinishedAt())
	return sdk.State{Exists: s.GetExists(), Running: s.GetRunning(), Paused: s.GetPaused(), Restarting: s.GetRestarting(), ID: s.GetId(), Name: s.GetName(),
		StartedAt: started, FinishedAt: finished, ExitCode: exitCode(s.ExitCode), OOMKilled: s.GetOomKilled(), Notes: s.GetNotes(),
		MayStart: s.GetMayStart(), Refuse: s.GetRefuse()}, errors.Join(err, err2)
}

func resultOf(r *pluginv1.ExecuteResponse) (sdk.Result, error) {
	started, err := timeOf(r.GetStartedAt())
	if err != nil {
		return sdk.Result{}, err
	}
	outcome := sdk.Outcome(r.GetOutcome())
	if outcome < sdk.Done || outcome > sdk.Unknown {
		outcome = sdk.Unknown
	}
	return sdk.Result{Outcome: outcome, Detail: r.GetDetail(), StopTook: max(0, r.GetStopTook().AsDuration()), Killed: r.GetKilled(),
		ExitCode: exitCode(r.ExitCode), StartedAt: started}, nil
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
