package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Options are what a run may be told.
type Options struct {
	// Plugin is what the report calls the plugin.
	Plugin string
	// Match chooses checks by their names; nil takes all.
	Match *regexp.Regexp
	// Examples gives configurations and targets in place of those that the
	// plugin publishes; nil takes the plugin's.
	Examples func(config, target sdk.Schema) ([]sdk.Example, error)
	// Done is told each result as it comes; it may be nil.
	Done func(Result)
}

// most is how many examples of a plugin are tried.
const most = 20

// run is one run of the kit.
type run struct {
	plugin  subject.Subject
	options Options
	report  *Report

	// byHand is what came of a start without the cookie.
	byHand     chan error
	background sync.WaitGroup
	// startErr is why the plugin could not be started at all.
	startErr *subject.StartError
	infoErr  error
	info     *pluginv1.GetInfoResponse
	// schemaErr is why the schema cannot be used.
	schemaErr      error
	config, target sdk.Schema
	examples       []example

	// fresh is an instance that is not configured, ready those that are, by
	// example; nil until one is needed.
	fresh *subject.Instance
	ready map[int]*subject.Instance
	// all are those that are to be ended, started all that ever were.
	all, started []*subject.Instance
	// refused says by example why it cannot be configured.
	refused map[int]error
	// worked says that one was configured ever.
	worked bool
	// away says by example which check found that the back-end is not there.
	away map[int]error
	// ending is that of the process that was asked to end; nil before.
	ending *ending
	// current is the check that is under way, and note what it found.
	current, note string
}

// Run makes the checks. An error says that they could not be made: the
// examples that were given cannot be used. What is wrong with the plugin is in
// the report.
func Run(ctx context.Context, plugin subject.Subject, options Options) (*Report, error) {
	began := time.Now()
	r := &run{plugin: plugin, options: options, ready: map[int]*subject.Instance{}, away: map[int]error{}, refused: map[int]error{}, report: &Report{Plugin: options.Plugin}}
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		r.background.Wait()
		r.stopAll()
	}()
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	for _, c := range checks() {
		if r.applies(c) && (r.startErr == nil || c.first) {
			r.perform(ctx, c)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("test the plugin: %w", err)
	}
	r.report.Took = time.Since(began)
	return r.report, nil
}

// prepare starts the plugin and asks what the checks need to know of it.
func (r *run) prepare(ctx context.Context) error {
	if b, ok := r.plugin.(*subject.Binary); ok {
		// A program that hangs does so twice at the same time.
		r.byHand = make(chan error, 1)
		r.background.Go(func() { r.byHand <- withoutCookie(ctx, b) })
	}
	instance, err := r.unconfigured(ctx)
	if errors.As(err, &r.startErr) {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	r.report.Connection = "memory"
	if instance.Process != nil {
		r.report.Connection = instance.Process.Connection()
	}
	if r.info, r.infoErr = called(ctx, instance, instance.Plugin.GetInfo, &pluginv1.GetInfoRequest{}); r.infoErr != nil {
		return ctx.Err()
	}
	if r.schemaErr = r.readAsHost(ctx, wire.NewClient(instance.Conn)); r.schemaErr != nil {
		return ctx.Err()
	}
	given := r.report.Info.Examples
	if r.options.Examples != nil {
		if given, err = r.options.Examples(r.config, r.target); err != nil {
			return err
		}
	}
	r.examples = r.readExamples(given)
	return ctx.Err()
}

// readAsHost reads who the plugin is and its schema, as the host does.
func (r *run) readAsHost(ctx context.Context, client *wire.Client) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	var err error
	if r.report.Info, err = client.Info(ctx); err != nil {
		return wrong("", "GetInfo, asked again: %v", err)
	}
	if r.config, r.target, err = client.Schema(ctx); err != nil {
		return wrong("the host takes no plugin whose schema it cannot read", "GetSchema: %v", err)
	}
	return nil
}

// applies says whether a check is for this plugin and was asked for.
func (r *run) applies(c check) bool {
	_, process := r.plugin.(*subject.Binary)
	switch {
	case r.options.Match != nil && !r.options.Match.MatchString(c.name):
		return false
	case c.process && !process:
		return false
	case len(c.kinds) == 0:
		return true
	}
	return slices.ContainsFunc(c.kinds, r.serves)
}

// serves says whether the plugin is of a kind.
func (r *run) serves(kind sdk.Kind) bool { return slices.Contains(r.report.Info.Kinds, kind) }

// perform makes one check. After one that failed every plugin is started anew, so
// that what it left behind is not taken for a fault of the next.
func (r *run) perform(ctx context.Context, c check) {
	began := time.Now()
	r.current, r.note = c.name, ""
	err := r.reasonToSkip(c)
	if err == nil {
		err = c.do(r, ctx)
	}
	if err == nil || isSkip(err) {
		err = cmp.Or(r.demandAlive(), err)
	}
	result := Result{Check: c.name, Outcome: Passed, Seconds: rounded(time.Since(began)), Note: r.note, Page: Page + "#" + c.name}
	var why *skip
	var what *problem
	switch {
	case errors.As(err, &why):
		result.Outcome, result.Note = Skipped, why.reason
	case errors.As(err, &what):
		result.Outcome, result.Note, result.Hint = Failed, what.text, what.hint
	case err != nil:
		result.Outcome, result.Note = Failed, err.Error()
	}
	if result.Outcome == Failed {
		r.stopAll()
	}
	r.report.Results = append(r.report.Results, result)
	if r.options.Done != nil {
		r.options.Done(result)
	}
}

// reasonToSkip says why a check cannot be made at all.
func (r *run) reasonToSkip(c check) error {
	switch {
	case c.first || c.name == checkInfo:
		return nil
	case r.infoErr != nil:
		return skipped("the plugin does not say who it is")
	case r.schemaErr != nil && c.name != checkSchema:
		return skipped("the plugin's schema cannot be used")
	}
	return nil
}

// demandAlive is an error where a plugin that is in use has ended.
func (r *run) demandAlive() error {
	for _, instance := range r.all {
		if instance.Process == nil {
			continue
		}
		if how, gone := instance.Process.How(); gone {
			return wrong("a plugin ends only when the host asks for it or is gone", "the process ended by itself: %s", shortened(how))
		}
	}
	return nil
}

// start starts a plugin and keeps account of it.
func (r *run) start(ctx context.Context) (*subject.Instance, error) {
	instance, err := r.plugin.Start(ctx)
	if err != nil {
		return nil, err
	}
	r.all, r.started = append(r.all, instance), append(r.started, instance)
	return instance, nil
}

// unconfigured is an instance that is not configured.
func (r *run) unconfigured(ctx context.Context) (*subject.Instance, error) {
	if r.fresh == nil {
		instance, err := r.start(ctx)
		if err != nil {
			return nil, err
		}
		r.fresh = instance
	}
	return r.fresh, nil
}

// forgetUnconfigured says that the unconfigured instance may be configured now.
func (r *run) forgetUnconfigured() { r.fresh = nil }

// configured is an instance that has the config of an example.
func (r *run) configured(ctx context.Context, e example) (*subject.Instance, error) {
	if instance, ok := r.ready[e.index]; ok {
		return instance, nil
	}
	instance, err := r.startConfigured(ctx, e)
	if err != nil {
		return nil, err
	}
	r.ready[e.index] = instance
	return instance, nil
}

// startConfigured starts one more instance with the config of an example.
func (r *run) startConfigured(ctx context.Context, e example) (*subject.Instance, error) {
	if why, ok := r.refused[e.index]; ok {
		return nil, why
	}
	instance, err := r.start(ctx)
	if err != nil {
		return nil, err
	}
	r.worked = true
	if err := configure(ctx, instance, e); err != nil {
		r.refused[e.index] = skipped("%s cannot be configured: see the check configure", e)
		return nil, r.refused[e.index]
	}
	return instance, nil
}

// stopAll ends every instance.
func (r *run) stopAll() {
	all := r.all
	if r.ending != nil {
		all = append(all, r.ending.instance)
	}
	var ended sync.WaitGroup
	for _, instance := range all {
		// What a call that goes on means is for the check of it to say.
		ended.Go(func() { _ = instance.Stop() })
	}
	ended.Wait()
	r.fresh, r.all = nil, nil
	clear(r.ready)
}
