package sdk

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// actionServer serves an author's action.
type actionServer[T any] struct {
	pluginv1.UnimplementedActionServer
	plugin  *plugin
	action  Action[T]
	results *results
}

// Inspect asks the author's action.
func (s *actionServer[T]) Inspect(ctx context.Context, r *pluginv1.InspectRequest) (*pluginv1.InspectResponse, error) {
	if err := s.plugin.ready(); err != nil {
		return nil, err
	}
	target, err := decodeTarget[T](r.GetTargetJson())
	if err != nil {
		return nil, err
	}
	state, err := s.action.Inspect(ctx, target)
	if err != nil {
		return nil, err
	}
	return &pluginv1.InspectResponse{State: stateTo(state)}, nil
}

// Execute asks the author's action once for each request id.
func (s *actionServer[T]) Execute(ctx context.Context, r *pluginv1.ExecuteRequest) (*pluginv1.ExecuteResponse, error) {
	if err := s.plugin.ready(); err != nil {
		return nil, err
	}
	target, err := decodeTarget[T](r.GetTargetJson())
	if err != nil {
		return nil, err
	}
	if r.GetRequestId() == "" {
		return nil, Invalid(errors.New("a request needs an id"))
	}
	request := Request{ID: r.GetRequestId(), Reason: r.GetReason(), TargetID: r.GetTargetId(), RunStartedAt: timeOf(r.GetRunStartedAt()),
		AskedAt: timeOf(r.GetAskedAt()), Resume: r.GetResume(), DryRun: r.GetDryRun(), Preflight: r.GetPreflight(), AllowedHazards: r.GetAllowedHazards()}
	return s.results.once(ctx, request, func() (*pluginv1.ExecuteResponse, error) {
		result, err := s.action.Execute(ctx, target, request)
		if err != nil {
			return nil, err
		}
		return resultTo(result), nil
	})
}

func stateTo(s State) *pluginv1.TargetState {
	return &pluginv1.TargetState{Exists: s.Exists, Running: s.Running, Paused: s.Paused, Restarting: s.Restarting, Id: valid(s.ID), Name: valid(s.Name),
		StartedAt: stamp(s.StartedAt), FinishedAt: stamp(s.FinishedAt), ExitCode: exitCodeTo(s.ExitCode), OomKilled: s.OOMKilled,
		Notes: validAll(s.Notes), MayStart: s.MayStart, Refuse: valid(s.Refuse), Alarm: valid(s.Alarm), ClockAhead: clockTo(s.ClockAhead), ActTakes: lengthTo(s.ActTakes), StopTakes: lengthTo(s.StopTakes), StartedBy: valid(s.StartedBy),
		Hazards: hazardsTo(s.Hazards)}
}

func hazardsTo(found []Hazard) (all []*pluginv1.Hazard) {
	levels := map[HazardLevel]pluginv1.HazardLevel{
		HazardRefuse: pluginv1.HazardLevel_HAZARD_LEVEL_REFUSE, HazardWarn: pluginv1.HazardLevel_HAZARD_LEVEL_WARN, HazardNote: pluginv1.HazardLevel_HAZARD_LEVEL_NOTE,
	}
	for _, h := range found {
		all = append(all, &pluginv1.Hazard{Id: valid(h.ID), Level: levels[h.Level], What: valid(h.What), Mend: valid(h.Mend)})
	}
	return all
}

// resultTo writes a result. An outcome that the author forgot is not known.
func resultTo(r Result) *pluginv1.ExecuteResponse {
	if r.Outcome < Done || r.Outcome > Unknown {
		r.Outcome = Unknown
	}
	response := &pluginv1.ExecuteResponse{Outcome: pluginv1.Outcome(r.Outcome), Detail: valid(r.Detail), Killed: r.Killed,
		StartedAt: stamp(r.StartedAt), ExitCode: exitCodeTo(r.ExitCode), StopTook: lengthTo(r.StopTook)}
	if r.Outcome == Unknown {
		response.OpenUntil = stamp(r.OpenUntil)
	}
	return response
}

// lengthTo writes a duration; what is not above zero is none.
func lengthTo(d time.Duration) *durationpb.Duration {
	if d <= 0 {
		return nil
	}
	return durationpb.New(d)
}

func clockTo(ahead *time.Duration) *durationpb.Duration {
	if ahead == nil {
		return nil
	}
	return durationpb.New(*ahead)
}

func exitCodeTo(code *int) *int32 {
	if code == nil {
		return nil
	}
	return new(int32(*code))
}

func timeOf(t *timestamppb.Timestamp) time.Time {
	if t == nil || !t.IsValid() {
		return time.Time{}
	}
	return t.AsTime()
}
