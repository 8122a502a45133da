package plugin

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// ruleEvent is an event in the engine's words, at the time of its line.
func ruleEvent(at time.Time, e sdk.Event) rule.Event {
	switch e := e.(type) {
	case sdk.BlockImported:
		return rule.Event{Time: at, Kind: rule.BlockImported, Number: e.Number}
	case sdk.BlockBest:
		return rule.Event{Time: at, Kind: rule.BlockImported, Number: e.Number}
	case sdk.BlockFinalized:
		return rule.Event{Time: at, Kind: rule.BlockFinalized, Number: e.Number}
	case sdk.BlockProduced:
		if e.Step == sdk.Sealed {
			return rule.Event{Time: at, Kind: rule.BlockSealed, Number: e.Number}
		}
		return rule.Event{Time: at, Kind: rule.BlockPrepared, Number: e.Number}
	case sdk.SyncState:
		if e.Major {
			return rule.Event{Time: at, Kind: rule.MajorSync}
		}
		return rule.Event{Time: at, Kind: rule.NotMajorSync}
	case sdk.SessionStarted:
		return rule.Event{Time: at, Kind: rule.SessionStarted, Number: e.Number}
	case sdk.NodeStarted:
		return rule.Event{Time: at, Kind: rule.NodeStarted, Text: e.Version}
	case sdk.FatalCause:
		return rule.Event{Time: at, Kind: rule.FatalCause, Name: e.Kind, Text: e.Message, Cures: e.RestartCures}
	case sdk.Fact:
		return rule.Event{Time: at, Kind: rule.FactGiven, Name: e.Name, Value: e.Value}
	case sdk.FactUnknown:
		return rule.Event{Time: at, Kind: rule.FactUnknown, Name: e.Name, Text: e.Reason}
	}
	panic(fmt.Sprintf("event of type %T", e))
}
