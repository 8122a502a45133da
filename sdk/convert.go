package sdk

import (
	"fmt"
	"math"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

func infoTo(i Info) *pluginv1.GetInfoResponse {
	r := &pluginv1.GetInfoResponse{Name: valid(i.Name), Version: valid(i.Version), Description: valid(i.Description), Features: validAll(i.Features)}
	for _, kind := range i.Kinds {
		r.Kinds = append(r.Kinds, string(kind))
	}
	for _, e := range i.Examples {
		example := &pluginv1.Example{Name: valid(e.Name), ConfigJson: []byte(e.Config), TargetJson: []byte(e.Target), Missing: e.Missing, Disposable: e.Disposable}
		for _, line := range e.Lines {
			example.Lines = append(example.Lines, []byte(line))
		}
		r.Examples = append(r.Examples, example)
	}
	return r
}

func schemaTo(s Schema) *pluginv1.Schema {
	schema := &pluginv1.Schema{}
	for _, a := range s.Attributes {
		schema.Attributes = append(schema.Attributes, &pluginv1.Attribute{Name: a.Name, Type: typeTo(a.Type), Required: a.Required,
			DefaultJson: []byte(a.Default), Description: valid(a.Description), Sensitive: a.Sensitive, Deprecated: valid(a.Deprecated), Allowed: validAll(a.Allowed)})
	}
	for _, b := range s.Blocks {
		schema.Blocks = append(schema.Blocks, &pluginv1.Block{Name: b.Name, Schema: schemaTo(b.Schema), Required: b.Required, Repeated: b.Repeated, Description: valid(b.Description)})
	}
	return schema
}

func typeTo(t AttributeType) pluginv1.AttributeType {
	switch t {
	case TypeString:
		return pluginv1.AttributeType_ATTRIBUTE_TYPE_STRING
	case TypeInteger:
		return pluginv1.AttributeType_ATTRIBUTE_TYPE_INTEGER
	case TypeNumber:
		return pluginv1.AttributeType_ATTRIBUTE_TYPE_NUMBER
	case TypeBool:
		return pluginv1.AttributeType_ATTRIBUTE_TYPE_BOOL
	case TypeDuration:
		return pluginv1.AttributeType_ATTRIBUTE_TYPE_DURATION
	case TypeStringList:
		return pluginv1.AttributeType_ATTRIBUTE_TYPE_STRING_LIST
	case TypeStringMap:
		return pluginv1.AttributeType_ATTRIBUTE_TYPE_STRING_MAP
	}
	return pluginv1.AttributeType_ATTRIBUTE_TYPE_UNSPECIFIED
}

func diagnosticsTo(said []Diagnostic) []*pluginv1.Diagnostic {
	var all []*pluginv1.Diagnostic
	for _, d := range said {
		severity := pluginv1.Severity_SEVERITY_ERROR
		if d.Warning {
			severity = pluginv1.Severity_SEVERITY_WARNING
		}
		all = append(all, &pluginv1.Diagnostic{Severity: severity, Summary: valid(d.Summary), Hint: valid(d.Hint), Path: validAll(d.Path), InTarget: d.InTarget})
	}
	return all
}

// eventTo writes an event of one line.
func eventTo(line uint32, e Event) (*pluginv1.Event, error) {
	event := &pluginv1.Event{Line: line}
	switch e := e.(type) {
	case BlockImported:
		event.Kind = &pluginv1.Event_BlockImported{BlockImported: &pluginv1.BlockImported{Number: e.Number, Hash: valid(e.Hash)}}
	case BlockBest:
		event.Kind = &pluginv1.Event_BlockImported{BlockImported: &pluginv1.BlockImported{Number: e.Number, Hash: valid(e.Hash), Best: true}}
	case BlockFinalized:
		event.Kind = &pluginv1.Event_BlockFinalized{BlockFinalized: &pluginv1.BlockFinalized{Number: e.Number, Hash: valid(e.Hash)}}
	case BlockProduced:
		event.Kind = &pluginv1.Event_BlockProduced{BlockProduced: &pluginv1.BlockProduced{Number: e.Number, Step: pluginv1.ProductionStep(e.Step)}}
	case SyncState:
		event.Kind = &pluginv1.Event_SyncState{SyncState: &pluginv1.SyncState{Major: e.Major}}
	case SessionStarted:
		event.Kind = &pluginv1.Event_SessionStarted{SessionStarted: &pluginv1.SessionStarted{Number: e.Number}}
	case NodeStarted:
		event.Kind = &pluginv1.Event_NodeStarted{NodeStarted: &pluginv1.NodeStarted{Version: valid(e.Version)}}
	case FatalCause:
		event.Kind = &pluginv1.Event_FatalCause{FatalCause: &pluginv1.FatalCause{Kind: valid(e.Kind), Message: valid(e.Message), RestartCures: e.RestartCures}}
	case Fact:
		return factTo(event, e)
	case FactUnknown:
		if !handshake.IsName(e.Name) {
			return event, fmt.Errorf("unknown fact has the name %q", e.Name)
		}
		event.Kind = unknownTo(e)
	default:
		// An event without a kind says nothing.
		return event, fmt.Errorf("event of type %T is unknown", e)
	}
	return event, nil
}

func unknownTo(f FactUnknown) *pluginv1.Event_FactUnknown {
	return &pluginv1.Event_FactUnknown{FactUnknown: &pluginv1.FactUnknown{Name: valid(f.Name), Reason: valid(f.Reason)}}
}

// factTo writes a fact. One whose value cannot be sent makes the fact unknown.
func factTo(event *pluginv1.Event, f Fact) (*pluginv1.Event, error) {
	if !handshake.IsName(f.Name) {
		return event, fmt.Errorf("fact has the name %q", f.Name)
	}
	fact := &pluginv1.Fact{Name: f.Name}
	var err error
	switch value := f.Value.(type) {
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			err = fmt.Errorf("fact %s is %v", f.Name, value)
		}
		fact.Value = &pluginv1.Fact_Number{Number: value}
	case bool:
		fact.Value = &pluginv1.Fact_Truth{Truth: value}
	case string:
		fact.Value = &pluginv1.Fact_Text{Text: valid(value)}
	default:
		err = fmt.Errorf("fact %s is a %T; it must be a float64, a bool or a string", f.Name, f.Value)
	}
	if err != nil {
		event.Kind = unknownTo(FactUnknown{Name: f.Name, Reason: err.Error()})
		return event, err
	}
	event.Kind = &pluginv1.Event_Fact{Fact: fact}
	return event, nil
}

// valid makes a text that a message can carry.
func valid(s string) string { return strings.ToValidUTF8(s, "�") }

func validAll(texts []string) []string {
	var all []string
	for _, s := range texts {
		all = append(all, valid(s))
	}
	return all
}

// stamp writes a time. One that no message can carry counts as none: the host
// would refuse all that comes with it.
func stamp(t time.Time) *timestamppb.Timestamp {
	at := timestamppb.New(t)
	if t.IsZero() || !at.IsValid() {
		return nil
	}
	return at
}
