package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// workingInstance is a process that works: one that there is, or else a new one.
func (r *run) workingInstance(ctx context.Context) (*subject.Instance, error) {
	examples := r.usable()
	for _, e := range examples {
		if instance, ok := r.ready[e.index]; ok {
			return instance, nil
		}
	}
	if r.fresh == nil && len(examples) > 0 {
		if instance, err := r.configured(ctx, examples[0]); err == nil {
			return instance, nil
		}
	}
	return r.unconfigured(ctx)
}

// takeWorking is a process that works, for a check that ends it.
func (r *run) takeWorking(ctx context.Context) (*subject.Instance, error) {
	instance, err := r.workingInstance(ctx)
	if err != nil {
		return nil, err
	}
	if instance == r.fresh {
		r.fresh = nil
	}
	maps.DeleteFunc(r.ready, func(_ int, each *subject.Instance) bool { return each == instance })
	r.all = slices.DeleteFunc(r.all, func(each *subject.Instance) bool { return each == instance })
	return instance, nil
}

// grace is how long a plugin may take to end once it was asked to.
const grace = 2 * time.Second

// settled is how long a signal is given to take effect.
const settled = 200 * time.Millisecond

// checkSignals sends what a terminal or an init system sends to the whole
// group of a host.
func (r *run) checkSignals(ctx context.Context) error {
	instance, err := r.workingInstance(ctx)
	if err != nil {
		return err
	}
	hint := "catch SIGINT, SIGTERM and SIGHUP, and do nothing: they reach the host too, which ends its plugins after their work is done"
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if err := instance.Process.Signal(s); err != nil {
			return fmt.Errorf("send %s: %w", s, err)
		}
	}
	if instance.Process.Await(settled) {
		return wrong(hint, "it ended on SIGINT, SIGTERM or SIGHUP: %v", instance.Process.Result())
	}
	_, err = called(ctx, instance, instance.Plugin.GetInfo, &pluginv1.GetInfoRequest{})
	if err != nil {
		return instead(hint, wrong("", "after SIGINT, SIGTERM and SIGHUP %v", err))
	}
	return nil
}

// checkLifeline lets the plugin believe that its host was killed.
func (r *run) checkLifeline(ctx context.Context) error {
	instance, err := r.takeWorking(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = instance.Stop() }()
	began := time.Now()
	instance.Process.CutLifeline()
	if !instance.Process.Await(grace) {
		return wrong("where HEADWATCH_LIFELINE is 1, read file descriptor 3 in a thread of its own, and exit at its end: it ends with the host, however that died",
			"it still runs %s after its host was gone", grace)
	}
	r.note = "ended after " + time.Since(began).Round(time.Millisecond).String()
	return nil
}

// shutDown asks a process to end, once in a run.
func (r *run) shutDown(ctx context.Context) (*ending, error) {
	if r.ending != nil {
		return r.ending, nil
	}
	instance, err := r.takeWorking(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	_, err = timed(ctx, grace, func(ctx context.Context) error {
		// Its message is go-plugin's own, and empty too.
		return instance.Conn.Invoke(ctx, "/plugin.GRPCController/Shutdown", &emptypb.Empty{}, &emptypb.Empty{})
	})
	r.ending = &ending{instance: instance, answer: err, ended: instance.Process.Await(grace), took: time.Since(began)}
	return r.ending, nil
}

// ending is what became of a process that was asked to end.
type ending struct {
	instance *subject.Instance
	answer   error
	ended    bool
	took     time.Duration
}

// checkShutdown judges how a process ends that is asked to.
func (r *run) checkShutdown(ctx context.Context) error {
	e, err := r.shutDown(ctx)
	if err != nil {
		return err
	}
	hint := "end when plugin.GRPCController/Shutdown is called: what has not ended a moment later is killed, with all that it does"
	switch {
	case e.ended:
		r.note = "ended after " + e.took.Round(time.Millisecond).String()
		return nil
	case status.Code(e.answer) == codes.Unimplemented:
		return wrong(hint, "it does not serve plugin.GRPCController/Shutdown")
	}
	return wrong(hint, "it still runs %s after it was asked to end", grace)
}

// checkChildren looks for what a process leaves behind.
func (r *run) checkChildren(ctx context.Context) error {
	e, err := r.shutDown(ctx)
	switch {
	case err != nil:
		return err
	case !e.ended:
		return skipped("it did not end")
	}
	for end := time.Now().Add(settled); ; time.Sleep(settled / 10) {
		switch left := e.instance.Process.Signal(0) == nil; {
		case !left:
			return nil
		case time.Now().After(end):
			return wrong("end what the plugin has started, and wait for it, before it ends itself", "it leaves a process behind that it has started")
		}
	}
}

// checkStdout demands that the handshake stays alone.
func (r *run) checkStdout(ctx context.Context) error {
	for _, p := range r.processes(ctx) {
		_, rest, _ := strings.Cut(string(p.Output()), "\n")
		if rest = strings.TrimSpace(rest); rest != "" {
			return wrong("log to stderr: stdout belongs to the handshake", "it writes to stdout beside its handshake: %s", excerpt([]byte(rest)))
		}
	}
	return nil
}

// exercise puts the plugin to work where the other checks were not made.
func (r *run) exercise(ctx context.Context) {
	if r.worked {
		return
	}
	// What it answers is not the question here.
	_ = r.withPromptCalls(ctx, func(e example, i *subject.Instance, _ []sample) error {
		_, err := validate(ctx, i, block.Unknown(r.config, e.config)[0].Block, nil)
		return err
	})
}

// processes are all that were started, whose end is awaited.
func (r *run) processes(ctx context.Context) []*subject.Process {
	r.exercise(ctx)
	r.stopAll()
	return r.plugin.(*subject.Binary).Processes()
}

// checkStderr demands a log that the host can read.
func (r *run) checkStderr(ctx context.Context) error {
	count := 0
	for _, p := range r.processes(ctx) {
		lines := p.Log.Lines()
		count += len(lines)
		for _, line := range lines {
			if found := judgeLogLine(line); found != "" {
				return wrong(`log lines of text, or objects such as {"@level":"info","@message":"connected","@timestamp":"2025-03-01T12:00:00Z","endpoint":"…"}, one a line`,
					"%s: %s", found, excerpt([]byte(line)))
			}
		}
	}
	r.note = plural(count, "line")
	return nil
}

// longestLog is the longest line of a log that the host keeps whole, in bytes.
const longestLog = 64 << 10

// judgeLogLine says why the host cannot read a line with its level and fields;
// empty where it can.
func judgeLogLine(line string) string {
	switch {
	case len(line) > longestLog:
		return "a line of the log is longer than 64 KiB"
	case !utf8.ValidString(line):
		return "a line of the log is not UTF-8"
	case !strings.HasPrefix(line, "{"):
		return ""
	}
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		return "a line of the log begins like JSON and is none"
	}
	message, isText := fields["@message"].(string)
	level, _ := fields["@level"].(string)
	switch {
	case !isText || strings.TrimSpace(message) == "":
		return "a JSON line of the log has no text in @message"
	case !slices.Contains([]string{"trace", "debug", "info", "warn", "error"}, level):
		return "a JSON line of the log has no level in @level"
	}
	return ""
}
