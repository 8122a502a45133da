package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/internal/batch"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
	"github.com/headwatch/headwatch/sdk/wire"
)

// slow is longer than a parser may take for one call.
const slow = 2 * time.Second

// checkParseBytes sends lines that no node should write, and some do.
func (r *run) checkParseBytes(ctx context.Context) error {
	return r.eachExample(func(e example) error {
		instance, err := r.configured(ctx, e)
		if err != nil {
			return err
		}
		odd := batch.OddBatches()
		for _, b := range odd {
			if err := parsesInTime(ctx, instance, b.What, b.Lines); err != nil {
				return err
			}
		}
		r.note = fmt.Sprintf("%d odd batches", len(odd))
		return nil
	})
}

func parsesInTime(ctx context.Context, i *subject.Instance, what string, lines []*pluginv1.Line) error {
	began := time.Now()
	if _, err := parse(ctx, i, nil, lines); err != nil {
		return wrong("a line that says nothing gives no event; Parse never fails because of a line", "%s: %v", what, err)
	}
	if took := time.Since(began); took > slow {
		return wrong("look for a pattern that goes through a line again and again", "%s takes %s", what, took.Round(time.Millisecond))
	}
	return nil
}

// checkParseEvents judges what a parser gives, as the host does and a little
// more.
func (r *run) checkParseEvents(ctx context.Context) error {
	return r.eachLog(ctx, func(_ example, i *subject.Instance, lines []*pluginv1.Line) error {
		var given []sdk.Line
		for _, line := range lines {
			given = append(given, sdk.Line{Time: line.GetTime().AsTime(), Text: line.GetText(), Stream: sdk.Stdout})
		}
		_, err := timed(ctx, callLimit, func(ctx context.Context) error {
			_, _, err := wire.NewClient(i.Conn).Parse(ctx, nil, given)
			return err
		})
		if err != nil {
			return wrong("the host refuses the whole batch: events come in the order of their lines, each with the index of its line", "the host cannot take the events: %v", err)
		}
		answer, err := parse(ctx, i, nil, lines)
		if err != nil {
			return err
		}
		for _, e := range answer.GetEvents() {
			if found := batch.Judge(e); found != "" {
				return wrong("see message Event in plugin.proto", "%s: %s", batch.Text(e), found)
			}
		}
		return nil
	})
}
