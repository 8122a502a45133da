// Package ruletest is what tests of engines share: settings, observations, and
// what a host sees in a night, drawn at random. Only tests import it.
package ruletest

import (
	"time"

	"pgregory.net/rapid"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Start is when the engines here begin to look, Began when the run of their
// target began.
var (
	Start = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	Began = Start.Add(-3 * time.Hour)
)

// At is a time after Start.
func At(seconds float64) time.Time { return Start.Add(time.Duration(seconds * float64(time.Second))) }

// DropIn are the settings of the drop-in.
func DropIn() rule.Settings {
	producing := IsTrue("producing")
	return rule.Settings{
		Name: "azero", Interval: time.Minute, MaxAge: 3 * time.Minute,
		Severe:        ruleset.BlockLag{Switch: ruleset.Switch{Enabled: true}, Threshold: ruleset.Threshold{LagAbove: 100}},
		SyncStall:     ruleset.SyncStall{Switch: ruleset.Switch{Enabled: true, Unless: producing}, Threshold: ruleset.Threshold{LagAbove: 100}, For: 3 * time.Minute},
		FallingBehind: ruleset.FallingBehind{Switch: ruleset.Switch{Enabled: true, Unless: producing}, Threshold: ruleset.Threshold{LagAbove: 100}, Window: 5 * time.Minute},
		Moderate:      ruleset.BlockLag{Switch: ruleset.Switch{Enabled: true, Unless: FakeCondition{Facts: []string{"major_sync", "producing"}, Func: either}}, Threshold: ruleset.Threshold{LagAbove: 20}},
		Cooldown:      rule.Cooldown{AfterAction: 5 * time.Minute, AfterFailure: time.Minute},
	}
}

// FakeCondition is a condition in Go.
type FakeCondition struct {
	Facts []string
	Func  func(fact.List) (bool, error)
}

var _ ruleset.Condition = FakeCondition{}

func (c FakeCondition) Needs() []string                     { return c.Facts }
func (c FakeCondition) Holds(facts fact.List) (bool, error) { return c.Func(facts) }

// IsTrue is the condition that a fact is true.
func IsTrue(name string) FakeCondition {
	return FakeCondition{Facts: []string{name}, Func: func(facts fact.List) (bool, error) { return facts.Get(name).Truth, nil }}
}

func either(facts fact.List) (bool, error) {
	return facts.Get("major_sync").Truth || facts.Get("producing").Truth, nil
}

// FakeMessage is a text without facts.
type FakeMessage string

func (m FakeMessage) Text(fact.List) string { return string(m) }

// Behind returns an engine that sees a running target, lag blocks behind at
// block 1000.
func Behind(settings rule.Settings, lag uint64) *rule.Engine {
	e := rule.New(settings)
	e.Observe(Start, rule.Target{Exists: true, Running: true, StartedAt: Began})
	e.Observe(Start, Imported(Start, 1000))
	e.Observe(Start, rule.Head{Source: "one", Best: 1000 + lag})
	return e
}

// Imported is a line that names a block.
func Imported(t time.Time, number uint64) rule.Log {
	return Said(t, nodelog.Event{Kind: nodelog.BlockImported, Number: number})
}

// Said is a line with what it says.
func Said(t time.Time, events ...nodelog.Event) rule.Log {
	for i := range events {
		events[i].Time = t
	}
	return rule.Log{Lines: 1, Last: t, Events: events}
}

// FakeQuantity is a threshold in Go.
type FakeQuantity struct {
	Facts []string
	Func  func(fact.List) (uint64, error)
}

var _ ruleset.Quantity = FakeQuantity{}

func (q FakeQuantity) Needs() []string                       { return q.Facts }
func (q FakeQuantity) Count(facts fact.List) (uint64, error) { return q.Func(facts) }

// WhileProducing is the threshold "producing ? yes : no".
func WhileProducing(yes, no uint64) FakeQuantity {
	return FakeQuantity{Facts: []string{"producing"}, Func: func(facts fact.List) (uint64, error) {
		if facts.Get("producing").Truth {
			return yes, nil
		}
		return no, nil
	}}
}

// IsAbove is the condition that a number is above a limit.
func IsAbove(name string, limit float64) FakeCondition {
	return FakeCondition{Facts: []string{name}, Func: func(facts fact.List) (bool, error) { return facts.Get(name).Number > limit, nil }}
}

// DrawSettings draws which rules are in force; the thresholds are low, so that
// they fire often.
func DrawSettings(t *rapid.T) rule.Settings {
	s := DropIn()
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	s.Severe.Enabled, s.SyncStall.Enabled, s.FallingBehind.Enabled = flag("severe"), flag("stall"), flag("falling")
	s.SyncStall.LagAbove, s.FallingBehind.LagAbove = 10, 10
	s.Severe.Shadow, s.SyncStall.Shadow, s.Moderate.Shadow = flag("severe shadowed"), flag("stall shadowed"), flag("moderate shadowed")
	if flag("enabled over facts") {
		s.Severe.EnabledIf, s.Moderate.EnabledIf = IsTrue("major_sync"), IsAbove("uptime", 1200)
	}
	if flag("thresholds over facts") {
		s.Severe.LagAboveBy, s.FallingBehind.LagAboveBy = WhileProducing(200, 50), WhileProducing(5, 40)
	}
	s.Severe.For = time.Duration(rapid.SampledFrom([]int{0, 0, 100}).Draw(t, "severe for")) * time.Second
	s.RestartOnFatal = flag("restart on fatal")
	if flag("custom") {
		s.Custom = []ruleset.Custom{{Name: "peers", When: FakeCondition{Facts: []string{"fact.peers"}, Func: func(fact.List) (bool, error) { return true, nil }},
			For: time.Minute, Message: FakeMessage("peers")}}
	}
	return s
}
