package wire

import (
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// maxHazards bounds the hazards of a target.
const maxHazards = 50

func stateOf(s *pluginv1.TargetState) (sdk.State, error) {
	if s == nil {
		return sdk.State{}, errors.New("the plugin gave no state")
	}
	started, err := timeOf(s.GetStartedAt())
	finished, err2 := timeOf(s.GetFinishedAt())
	return sdk.State{Exists: s.GetExists(), Running: s.GetRunning(), Paused: s.GetPaused(), Restarting: s.GetRestarting(), ID: text(s.GetId()), Name: text(s.GetName()),
		StartedAt: started, FinishedAt: finished, ExitCode: exitCode(s.ExitCode), OOMKilled: s.GetOomKilled(), Notes: texts(s.GetNotes()),
		MayStart: s.GetMayStart(), Refuse: text(s.GetRefuse()), Alarm: text(s.GetAlarm()), ClockAhead: clockOf(s.GetClockAhead()),
		ActTakes: max(0, s.GetActTakes().AsDuration()), StopTakes: max(0, s.GetStopTakes().AsDuration()),
		StartedBy: text(s.GetStartedBy()), Hazards: hazardsOf(s.GetHazards())}, errors.Join(err, err2)
}

// hazardsOf reads hazards. One of a level that is unknown here is warned of.
func hazardsOf(said []*pluginv1.Hazard) (found []sdk.Hazard) {
	for _, h := range said[:min(len(said), maxHazards)] {
		level := sdk.HazardWarn
		switch h.GetLevel() {
		case pluginv1.HazardLevel_HAZARD_LEVEL_REFUSE:
			level = sdk.HazardRefuse
		case pluginv1.HazardLevel_HAZARD_LEVEL_NOTE:
			level = sdk.HazardNote
		}
		found = append(found, sdk.Hazard{ID: text(h.GetId()), Level: level, What: text(h.GetWhat()), Mend: text(h.GetMend())})
	}
	return found
}

// clockOf reads how far a clock is ahead; nil where that is not known.
func clockOf(d *durationpb.Duration) *time.Duration {
	if d == nil || !d.IsValid() {
		return nil
	}
	return new(d.AsDuration())
}
