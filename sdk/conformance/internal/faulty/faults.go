package faulty

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// answer spoils the answers of one type.
func answer[A any](spoil func(A)) func(*relay) {
	return func(r *relay) {
		sound := r.call
		r.call = func(ctx context.Context, request any, pass next) (any, error) {
			got, err := sound(ctx, request, pass)
			if a, ok := got.(A); ok && err == nil {
				spoil(a)
			}
			return got, err
		}
	}
}

// method replaces a method, known by the type of its request.
func method[Q any](instead func(ctx context.Context, request Q, pass next) (any, error)) func(*relay) {
	return func(r *relay) {
		sound := r.call
		r.call = func(ctx context.Context, request any, pass next) (any, error) {
			if q, ok := request.(Q); ok {
				return instead(ctx, q, pass)
			}
			return sound(ctx, request, pass)
		}
	}
}

// infoFaults are of what the plugin says about itself.
func infoFaults() map[string]func(*relay) {
	return map[string]func(*relay){
		"info": answer(func(a *pluginv1.GetInfoResponse) { a.Version = "" }),
		"schema": answer(func(a *pluginv1.GetSchemaResponse) {
			a.GetConfig().GetAttributes()[0].DefaultJson = []byte(`"hello"`) // and required
		}),
		"examples": answer(func(a *pluginv1.GetInfoResponse) { a.Examples[1].Name = a.Examples[0].Name }),
	}
}

// configFaults are of what the plugin does with a config.
func configFaults() map[string]func(*relay) {
	return map[string]func(*relay){
		"config-unknown":  forgiving("is unknown here"),
		"config-type":     forgiving("must be"),
		"config-required": forgiving("is required"),
		"config-garbage":  forgiving("is no JSON object"),
		"target": answer(func(a *pluginv1.ValidateConfigResponse) {
			for _, d := range a.GetDiagnostics() {
				d.InTarget = false
			}
		}),
		"secrets": method(func(ctx context.Context, q *pluginv1.ValidateConfigRequest, pass next) (any, error) {
			got, err := pass(ctx, q)
			for _, d := range got.(*pluginv1.ValidateConfigResponse).GetDiagnostics() {
				d.Summary += strings.ToValidUTF8(" in "+string(q.GetConfigJson()), "�")
			}
			return got, err
		}),
		"configure": answer(func(a *pluginv1.ConfigureResponse) {
			if len(a.GetDiagnostics()) == 0 {
				a.Diagnostics = []*pluginv1.Diagnostic{{Severity: pluginv1.Severity_SEVERITY_ERROR, Summary: "connection refused", Path: []string{"endpoint", "0", "url"}}}
			}
		}),
		"configure-twice": func(r *relay) {
			var taken atomic.Bool
			method(func(ctx context.Context, q *pluginv1.ConfigureRequest, pass next) (any, error) {
				if taken.Load() {
					return nil, status.Error(codes.AlreadyExists, "configured already")
				}
				got, err := pass(ctx, q)
				if err == nil && len(got.(*pluginv1.ConfigureResponse).GetDiagnostics()) == 0 {
					taken.Store(true)
				}
				return got, err
			})(r)
		},
		"unconfigured": method(func(ctx context.Context, q *pluginv1.GetHeadRequest, pass next) (any, error) {
			got, err := pass(ctx, q)
			if status.Code(err) == codes.FailedPrecondition {
				return &pluginv1.GetHeadResponse{Best: 1}, nil
			}
			return got, err
		}),
	}
}

// forgiving leaves diagnostics of a config with these words out.
func forgiving(words string) func(*relay) {
	left := func(all []*pluginv1.Diagnostic) []*pluginv1.Diagnostic {
		var kept []*pluginv1.Diagnostic
		for _, d := range all {
			if d.GetInTarget() || !strings.Contains(d.GetSummary(), words) {
				kept = append(kept, d)
			}
		}
		return kept
	}
	return func(r *relay) {
		answer(func(a *pluginv1.ValidateConfigResponse) { a.Diagnostics = left(a.Diagnostics) })(r)
		answer(func(a *pluginv1.ConfigureResponse) { a.Diagnostics = left(a.Diagnostics) })(r)
	}
}

// callFaults are of how calls are answered.
func callFaults() map[string]func(*relay) {
	return map[string]func(*relay){
		"codes": func(r *relay) {
			sound := r.call
			r.call = func(ctx context.Context, request any, pass next) (any, error) {
				got, err := sound(ctx, request, pass)
				if status.Code(err) == codes.InvalidArgument {
					err = errors.New(status.Convert(err).Message()) // a plain error is UNKNOWN
				}
				return got, err
			}
		},
		"deadline":    clinging,
		"concurrency": exclusive,
		"head":        answer(func(a *pluginv1.GetHeadResponse) { a.Finalized = new(a.GetBest() + 1) }),
		"head-endpoint": answer(func(a *pluginv1.GetHeadResponse) {
			a.Endpoint = "https://a.example/v2/key"
		}),
	}
}

// clinging goes on after the deadline with what the next call needs.
func clinging(r *relay) {
	var turn sync.Mutex
	method(func(ctx context.Context, q *pluginv1.GetHeadRequest, pass next) (any, error) {
		turn.Lock()
		defer turn.Unlock()
		select {
		case <-ctx.Done():
			<-r.quit
		case <-time.After(20 * time.Millisecond):
		}
		return pass(ctx, q)
	})(r)
}

// exclusive cannot parse two logs at a time.
func exclusive(r *relay) {
	var busy atomic.Int32
	method(func(ctx context.Context, q *pluginv1.ParseRequest, pass next) (any, error) {
		defer busy.Add(-1)
		if busy.Add(1) > 1 {
			return nil, status.Error(codes.Aborted, "busy")
		}
		time.Sleep(time.Millisecond)
		return pass(ctx, q)
	})(r)
}

// parseFaults are of a parser.
func parseFaults() map[string]func(*relay) {
	return map[string]func(*relay){
		"parse-repeat":     forgetful,
		"parse-split":      impatient,
		"parse-state":      hoarding,
		"parse-interleave": mixing,
		"parse-bytes": method(func(ctx context.Context, q *pluginv1.ParseRequest, pass next) (any, error) {
			for _, line := range q.GetLines() {
				if bytes.IndexByte(line.GetText(), 0xff) >= 0 {
					return nil, status.Error(codes.InvalidArgument, "invalid byte 0xff at position 0")
				}
			}
			return pass(ctx, q)
		}),
		"parse-events": answer(func(a *pluginv1.ParseResponse) {
			for _, e := range a.GetEvents() {
				if cause := e.GetFatalCause(); cause != nil {
					cause.Kind = ""
				}
			}
		}),
	}
}

// forgetful gives the events of a batch once: it takes a repeated one, in the
// middle of a log, for known.
func forgetful(r *relay) {
	var mu sync.Mutex
	var last string
	method(func(ctx context.Context, q *pluginv1.ParseRequest, pass next) (any, error) {
		got, err := pass(ctx, q)
		mu.Lock()
		defer mu.Unlock()
		this := q.String()
		if err == nil && this == last && len(q.GetState()) > 0 {
			got.(*pluginv1.ParseResponse).Events = nil
		}
		last = this
		return got, err
	})(r)
}

// impatient takes the end of a batch for the end of the log: what the last line
// leaves open is dropped.
func impatient(r *relay) {
	answer(func(a *pluginv1.ParseResponse) {
		a.State = bytes.Replace(a.GetState(), []byte(`"cause":true`), []byte(`"cause":false`), 1)
	})(r)
}

// hoarding keeps the state in the process and gives a ticket for it.
func hoarding(r *relay) {
	var mu sync.Mutex
	var kept [][]byte
	method(func(ctx context.Context, q *pluginv1.ParseRequest, pass next) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		var ticket int
		if _, err := fmt.Sscanf(string(q.GetState()), "ticket %d", &ticket); err == nil && ticket < len(kept) {
			q.State = kept[ticket]
		} else {
			q.State = nil
		}
		got, err := pass(ctx, q)
		if err == nil {
			a := got.(*pluginv1.ParseResponse)
			kept = append(kept, a.GetState())
			a.State = fmt.Appendf(nil, "ticket %d", len(kept)-1)
		}
		return got, err
	})(r)
}

// mixing finds its memory of a log by how many lines of it were read, and
// believes it more than the state.
func mixing(r *relay) {
	type state struct {
		Lines int
		Inner json.RawMessage
	}
	var mu sync.Mutex
	memory := map[int][]byte{}
	method(func(ctx context.Context, q *pluginv1.ParseRequest, pass next) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		var s state
		if len(q.GetState()) > 0 {
			if err := json.Unmarshal(q.GetState(), &s); err != nil {
				return nil, status.Error(codes.InvalidArgument, "the state is none of this parser")
			}
			if known, ok := memory[s.Lines]; ok {
				s.Inner = known
			}
		}
		lines := s.Lines + len(q.GetLines())
		q.State = s.Inner
		got, err := pass(ctx, q)
		if err != nil {
			return nil, err
		}
		a := got.(*pluginv1.ParseResponse)
		memory[lines] = a.GetState()
		if a.State, err = json.Marshal(state{lines, a.GetState()}); err != nil {
			return nil, err
		}
		return a, nil
	})(r)
}

// actFaults are of an action.
func actFaults() map[string]func(*relay) {
	return map[string]func(*relay){
		"inspect-missing": method(func(ctx context.Context, q *pluginv1.InspectRequest, pass next) (any, error) {
			got, err := pass(ctx, q)
			if err == nil && !got.(*pluginv1.InspectResponse).GetState().GetExists() {
				return nil, status.Error(codes.NotFound, "no such node")
			}
			return got, err
		}),
		"inspect-repeat": func(r *relay) {
			var looks atomic.Int64
			answer(func(a *pluginv1.InspectResponse) { a.State.Name = fmt.Sprintf("node-%d", looks.Add(1)) })(r)
		},
		"inspect-hazards": answer(func(a *pluginv1.InspectResponse) {
			for _, h := range a.GetState().GetHazards() {
				h.Mend = " "
			}
		}),
		"targets": func(r *relay) {
			r.watched = func(item *pluginv1.WatchResponse) {
				if found := item.GetFound(); found != nil {
					found.Name = ""
				}
			}
		},
		"execute-missing": answer(func(a *pluginv1.ExecuteResponse) {
			if a.GetDetail() == "there is no such node" {
				a.Outcome = pluginv1.Outcome_OUTCOME_FAILED
			}
		}),
		"execute-dry-run": request(func(q *pluginv1.ExecuteRequest) { q.DryRun = false }),
		"execute-guard":   request(func(q *pluginv1.ExecuteRequest) { q.TargetId = "" }),
		"execute-once": request(func(q *pluginv1.ExecuteRequest) {
			q.RequestId += timestamppb.Now().String()
		}),
	}
}

// request spoils the requests for an act.
func request(spoil func(*pluginv1.ExecuteRequest)) func(*relay) {
	return method(func(ctx context.Context, q *pluginv1.ExecuteRequest, pass next) (any, error) {
		if q.GetRequestId() != "" {
			spoil(q)
		}
		return pass(ctx, q)
	})
}
