package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// A log that is not delivered is not a silent node: the stream that is followed
// may stand still while the log goes on, or leave lines out. Before an act, and
// while synced stands still, the log's end is read once without following. Lines of
// it that the stream does not deliver mean that the log is not known: it is opened again where
// it was left, and nothing is decided before that has caught up.

// Bounds on the reading of the log's end.
const (
	// tailEvery is the least time between two readings that no act asks for, and
	// tailLeast how long synced stands still before the first of them.
	tailEvery = time.Minute
	tailLeast = 30 * time.Second
	// tailLines is how many lines one reading takes. One would not do: a stream
	// that leaves lines out may deliver that very one.
	tailLines = 50
	// tailWithin bounds one reading, and deliverWithin how long the stream may
	// take for the lines that it shows: they are under way in a healthy one.
	tailWithin    = 10 * time.Second
	deliverWithin = 3 * time.Second
	// lateMost is how old a line may be when it arrives.
	lateMost = 20 * time.Second
)

// errReopened is why the reading of a log ends that is opened again.
var errReopened = errors.New("its stream stands still while the log goes on; it is read again from where it stopped")

// delivery is what the stream has delivered so far.
type delivery struct {
	// recent are the last lines of the stream in the order of the log, and missing
	// those of the log's end that it has not delivered yet.
	recent  []lineKey
	missing map[lineKey]bool
	// late says that its lines arrived late, doubted that the log's end could not
	// be read.
	late, doubted bool
	// delay is how old the newest line was when it arrived; negative while that is
	// not known.
	delay time.Duration
	// readAt is when the log's end was read last.
	readAt time.Time
	// judgeAgain asks for a check as soon as the log has caught up.
	judgeAgain bool
}

// confirmLog reads the log's end where that is due, and makes the log unreadable
// where the stream does not deliver what stands in it.
func (m *Monitor) confirmLog(ctx context.Context, now time.Time) {
	if !m.live || !m.delivery.late && !m.delivery.doubted && !m.restsOnSilence(now) {
		return
	}
	m.delivery.readAt = now
	end, err := m.readTail(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		m.delivery.doubted = true
		m.setUnreadable(fmt.Sprintf("its end cannot be read once more: %v", err))
	case !m.delivered(ctx, end):
		m.setUnreadable(errReopened.Error())
		m.live, m.delivery.judgeAgain = false, true
		m.reopen.Load().(context.CancelCauseFunc)(errReopened)
	default:
		m.setReadable()
	}
}

// setUnreadable makes what was read from the log unknown, and says why once.
func (m *Monitor) setUnreadable(reason string) {
	if m.said.logState.changes(reason) {
		m.Logger.Warn("the log cannot be read", "reason", reason)
	}
	m.observe(time.Now(), rule.LogError{Error: reason})
}

// setReadable ends a doubt about the log.
func (m *Monitor) setReadable() {
	if m.delivery.late || m.delivery.doubted {
		m.delivery.late, m.delivery.doubted = false, false
		m.said.logState.changes("")
		m.observe(time.Now(), rule.Log{})
	}
}

// restsOnSilence says whether a check now would act, or would but for a guard; or
// whether synced has stood still for half of the shortest period after which a
// rule could act, and the log's end was not read just before.
func (m *Monitor) restsOnSilence(now time.Time) bool {
	v := m.engine.Clone().Check(now)
	if v.Kind == rule.Act || v.Guard != "" {
		return true
	}
	stalled := v.Facts.Get("stalled_for")
	return stalled.Known && now.Sub(m.delivery.readAt) >= tailEvery && stalled.Number >= max(tailLeast, m.shortestPeriod()/2).Seconds()
}

// shortestPeriod is the shortest period of a rule.
func (m *Monitor) shortestPeriod() time.Duration {
	s := m.Settings
	periods := []time.Duration{s.SyncStall.For, s.FallingBehind.Window, s.Severe.For, s.Moderate.For}
	for _, custom := range s.Custom {
		periods = append(periods, custom.For)
	}
	shortest := time.Duration(0)
	for _, period := range periods {
		if period > 0 && (shortest == 0 || period < shortest) {
			shortest = period
		}
	}
	return shortest
}

// readTail reads the log's last lines, the oldest first.
func (m *Monitor) readTail(ctx context.Context) ([]lineKey, error) {
	return call(ctx, &m.calls.tail, tailWithin, func(ctx context.Context) (end []lineKey, err error) {
		err = m.Log.ReadLog(ctx, sdk.ReadFrom{Tail: tailLines, NoFollow: true}, func(item sdk.LogItem) error {
			if lines, ok := item.(sdk.Lines); ok {
				end = addKeys(end, lines.Lines)
			}
			return nil
		})
		return end, err
	})
}

// delivered says whether the stream has delivered these lines of the log's end, or
// does so within a moment.
func (m *Monitor) delivered(ctx context.Context, end []lineKey) bool {
	m.delivery.expect(end)
	defer func() { m.delivery.missing = nil }()
	late := time.NewTimer(deliverWithin)
	defer late.Stop()
	for len(m.delivery.missing) > 0 {
		select {
		case item := <-m.items:
			m.takeItem(ctx, item)
		case <-late.C:
			return false
		case <-ctx.Done():
			return true
		}
	}
	return true
}

// noteDelivered notes the lines that the stream delivers. Those of a log that is followed
// are late when they are old on arrival, by the clock that stamps them: then more
// of them may be on their way.
func (m *Monitor) noteDelivered(lines []sdk.Line, now time.Time) {
	m.delivery.note(lines)
	m.delivery.delay = -1
	newest := lines[len(lines)-1]
	if m.clockAhead == nil || !m.live || newest.Time.IsZero() {
		return
	}
	late := max(0, now.Add(*m.clockAhead).Sub(newest.Time))
	m.delivery.delay = late
	if late <= lateMost {
		m.setReadable()
		return
	}
	m.delivery.late = true
	m.setUnreadable(fmt.Sprintf("its lines arrive %s after they were written", late.Round(time.Second)))
}
