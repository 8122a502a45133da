package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/internal/batch"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// timed makes a call with a deadline, and says how long it took.
func timed(ctx context.Context, limit time.Duration, call func(context.Context) error) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	err = call(ctx)
	return time.Since(began), err
}

// promptCalls are the calls of the kinds that are answered at once, by whatever;
// one that waits for a back-end would tell nothing.
func (r *run) promptCalls(ctx context.Context, i *subject.Instance, e example) ([]sample, error) {
	var all []sample
	for _, s := range r.samples(i, e) {
		if s.stream {
			continue // a log is followed: see the check cancel
		}
		if _, err := timed(ctx, backLimit, s.call); status.Code(err) == codes.DeadlineExceeded {
			continue
		} else if _, gone := i.Ended(err); gone {
			return nil, failed(i, s.method, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// withPromptCalls makes a check with the first example that can be configured.
func (r *run) withPromptCalls(ctx context.Context, do func(e example, i *subject.Instance, calls []sample) error) error {
	for _, e := range r.usable() {
		instance, err := r.configured(ctx, e)
		if err != nil {
			continue
		}
		calls, err := r.promptCalls(ctx, instance, e)
		if err != nil {
			return err
		}
		return do(e, instance, calls)
	}
	if len(r.examples) == 0 {
		return r.errNoExample()
	}
	return skipped("no example can be configured")
}

// checkDeadline makes calls that have no time, and then one that has.
func (r *run) checkDeadline(ctx context.Context) error {
	const hurried = 20
	return r.withPromptCalls(ctx, func(_ example, i *subject.Instance, calls []sample) error {
		if len(calls) == 0 {
			return skipped("no call of its kinds is answered within %s", backLimit)
		}
		for _, s := range calls {
			for n := range hurried {
				limit := time.Duration(n%5+1) * time.Millisecond
				if took, err := timed(ctx, limit, s.call); took > limit+time.Second {
					return wrong("", "%s took %s with a deadline of %s (%v)", s.method, took.Round(time.Millisecond), limit, err)
				}
			}
			if _, err := timed(ctx, backLimit, s.call); status.Code(err) == codes.DeadlineExceeded {
				return wrong("a call ends when its deadline is over, and holds nothing that the next needs: pass the context on to what waits",
					"after %d calls of %s whose deadline passed, it answers no more", hurried, s.method)
			} else if _, gone := i.Ended(err); gone {
				return failed(i, s.method, err)
			}
		}
		r.note = plural(hurried*len(calls), "call")
		return nil
	})
}

// checkConcurrency makes many calls at a time.
func (r *run) checkConcurrency(ctx context.Context) error {
	const workers, rounds = 10, 2
	return r.withPromptCalls(ctx, func(e example, i *subject.Instance, calls []sample) error {
		calls = append(calls, sample{method: "GetInfo", call: with(i.Plugin.GetInfo, &pluginv1.GetInfoRequest{})})
		parses, err := r.sameEvents(ctx, i, e)
		if err != nil {
			return err
		}
		calls = append(calls, parses...)
		want := make([]codes.Code, len(calls))
		for n, s := range calls {
			_, err := timed(ctx, callLimit, s.call)
			want[n] = status.Code(err)
		}
		var all sync.WaitGroup
		found := make(chan error, workers)
		for range workers {
			all.Go(func() { found <- sameStatuses(ctx, i, calls, want, rounds) })
		}
		all.Wait()
		close(found)
		for err := range found {
			if err != nil {
				return err
			}
		}
		r.note = plural(workers*rounds*len(calls), "call")
		return nil
	})
}

// sameStatuses makes calls in turns and compares the statuses of their answers
// with those that they had alone.
func sameStatuses(ctx context.Context, i *subject.Instance, calls []sample, want []codes.Code, rounds int) error {
	hint := "several calls may come at a time: guard what they share"
	for range rounds {
		for n, s := range calls {
			_, err := timed(ctx, callLimit, s.call)
			if _, gone := i.Ended(err); gone {
				return failed(i, "calls at the same time", err)
			}
			if p := (*problem)(nil); errors.As(err, &p) {
				return p
			}
			if code := status.Code(err); code != want[n] {
				return wrong(hint, "among calls at the same time, %s answered %s, and alone %s", s.method, codeName(code), codeName(want[n]))
			}
		}
	}
	return nil
}

// sameEvents is a call of Parse that demands the events which the lines of an
// example give alone; none where there are no lines.
func (r *run) sameEvents(ctx context.Context, i *subject.Instance, e example) ([]sample, error) {
	lines := linesOf(e)
	if len(lines) == 0 || !r.serves(sdk.KindLogParser) {
		return []sample{}, nil
	}
	alone, err := parse(ctx, i, nil, lines)
	if err != nil {
		return nil, err
	}
	return []sample{{method: "Parse", call: func(ctx context.Context) error {
		answer, err := i.Parser.Parse(ctx, &pluginv1.ParseRequest{Lines: lines})
		if err != nil {
			return err
		}
		if found := batch.Differ(alone.GetEvents(), answer.GetEvents()); found != "" {
			return wrong(pure, "among calls at the same time, Parse gives other events: %s", found)
		}
		return nil
	}}}, nil
}

// checkCodes sends what no host would, and looks at the errors.
func (r *run) checkCodes(ctx context.Context) error {
	return r.withPromptCalls(ctx, func(e example, i *subject.Instance, _ []sample) error {
		made := 0
		for _, bad := range r.badCalls(i, e) {
			_, err := timed(ctx, callLimit, bad.call)
			made++
			code := status.Code(err)
			if _, gone := i.Ended(err); gone {
				return failed(i, bad.method, err)
			}
			if code == codes.InvalidArgument || code == codes.OK && bad.stream {
				continue
			}
			return wrong("what is wrong with a request is INVALID_ARGUMENT: the host gives up such a call, and tries others again",
				"%s answered %s: %s", bad.method, codeName(code), shortened(status.Convert(err).Message()))
		}
		if made == 0 {
			return skipped("no call of its kinds takes an argument that can be wrong")
		}
		r.note = plural(made, "call")
		return nil
	})
}

// badCalls are calls with something wrong in them. One that may be answered
// all the same is marked as a stream.
func (r *run) badCalls(i *subject.Instance, e example) []sample {
	var all []sample
	target := []byte("{")
	if r.serves(sdk.KindAction) {
		all = append(all, sample{method: "Inspect of a target that is no JSON object", call: with(i.Action.Inspect, &pluginv1.InspectRequest{TargetJson: target})},
			sample{method: "Execute on a target that is no JSON object", call: with(i.Action.Execute, &pluginv1.ExecuteRequest{TargetJson: target, RequestId: newRequestID(), DryRun: true})})
	}
	if r.serves(sdk.KindAction) && e.Missing {
		all = append(all, sample{method: "Execute without a request id", call: with(i.Action.Execute, &pluginv1.ExecuteRequest{TargetJson: e.target.JSON(), DryRun: true})})
	}
	if r.serves(sdk.KindLogSource) {
		all = append(all, sample{method: "Read of a target that is no JSON object", call: func(ctx context.Context) error { return firstItem(ctx, i, target) }})
	}
	if r.serves(sdk.KindLogParser) {
		all = append(all, sample{method: fmt.Sprintf("Parse with the state %q", badState), stream: true,
			call: with(i.Parser.Parse, &pluginv1.ParseRequest{State: []byte(badState), Lines: linesOf(e)})})
	}
	return all
}

// badState is no parser's state.
const badState = "\xffno state"
