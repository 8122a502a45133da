package record

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// sendMost is how many bytes a recording keeps before it sends them to the disk
// without waiting for the check.
const sendMost = 256 << 10

// MonitorRecorder records one monitor. It belongs to the monitor's goroutine.
type MonitorRecorder struct {
	recorder *Recorder
	monitor  string
	rules    []string

	clock clock
	// target and unreadable are what the replay of this file knows already.
	target     *rule.Target
	unreadable string
	// read is what was read of the log since the last record, up to readAt.
	read   *rule.Log
	readAt time.Time

	// buffer are records that are not sent yet, and count how many; begins says
	// that a file begins with them.
	buffer bytes.Buffer
	count  int
	begins bool
	// missing is how many records a snapshot among them says are lost.
	missing int
	// began is the time of the first record of the file, size its length so far,
	// last the time of the newest record.
	began, last time.Time
	size        int
	// behind says that the disk is too slow.
	behind bool

	// lost counts the records that are missing since the last snapshot, troubled
	// is when the disk failed; both are told by the recorder.
	lost     atomic.Int64
	troubled atomic.Pointer[time.Time]
}

var _ monitor.Recorder = (*MonitorRecorder)(nil)

// Monitor returns the recorder of a monitor, under rules that stand in it for people.
func (r *Recorder) Monitor(monitor string, rules []string) *MonitorRecorder {
	r.monitors.Add(1)
	// Its count is there from the start, so that the first is an increase.
	r.listener.RecordingLost(monitor, 0)
	return &MonitorRecorder{recorder: r, monitor: monitor, rules: rules, clock: clock{read: r.read}}
}

// Observed records an observation.
func (t *MonitorRecorder) Observed(o monitor.Observation) {
	t.add(entry{at: o.At, seen: o.Seen, lines: o.Lines, fresh: o.Fresh, Knowledge: o.Knowledge})
}

// Checked records a check.
func (t *MonitorRecorder) Checked(c monitor.Check) {
	t.add(entry{at: c.Verdict.Time, check: &c, Knowledge: c.Knowledge})
}

// Acted records nothing: the outcome of an act is an observation.
func (t *MonitorRecorder) Acted(monitor.Act) {}

// add records what an engine has taken.
func (t *MonitorRecorder) add(s entry) {
	switch {
	case t.began.IsZero():
		t.clock.set(s.at)
		t.begin(s, time.Time{})
		t.record(s)
	case !t.hears(s.at):
		t.lose(1)
		return
	case t.lost.Load() > 0:
		// What was seen now is in the snapshot.
		t.lose(1)
		t.begin(s, time.Time{})
	default:
		t.record(s)
	}
	t.follow(s)
}

// hears says whether it is of use to record anything.
func (t *MonitorRecorder) hears(now time.Time) bool {
	trouble := t.troubled.Load()
	if trouble == nil {
		return true
	}
	if now.Sub(*trouble) < retryAfter {
		return false
	}
	t.troubled.Store(nil)
	return true
}

// follow does what is due after something was recorded.
func (t *MonitorRecorder) follow(s entry) {
	if off := t.clock.off(s.at); off.Abs() > offMost {
		t.flush()
		t.clock.set(s.at)
		t.snapshot(s, time.Time{})
	}
	if s.check != nil && t.due(s.at) {
		t.send()
		t.begin(s, t.last)
	}
	_, acted := s.seen.(rule.Action)
	if s.check != nil || s.restored() || acted || t.buffer.Len() > sendMost {
		t.send()
	}
}

// due says whether the file has had its day, or is large enough.
func (t *MonitorRecorder) due(now time.Time) bool {
	return t.size >= t.recorder.segmentSize() || t.clock.at(now).Format(time.DateOnly) != t.began.Format(time.DateOnly)
}

// segmentSize is the size at which a file is closed: small enough for a few of
// each monitor to fit into the folder.
func (r *Recorder) segmentSize() int {
	if r.cut > 0 {
		return r.cut
	}
	return int(min(segmentMost, max(segmentLeast, r.MaxSize/int64(4*max(1, r.monitors.Load())))))
}

// begin begins a file with a snapshot, after the record of that time.
func (t *MonitorRecorder) begin(s entry, after time.Time) {
	// What is not sent by now would stand behind what was lost.
	t.miss(chunk{records: t.count, missing: t.missing})
	t.buffer.Reset()
	t.count, t.missing, t.size, t.begins = 0, 0, 0, true
	first := t.began.IsZero()
	t.began = t.clock.at(s.at)
	if first {
		t.write(s.at, trace.Record{Snapshot: &trace.Snapshot{Version: t.recorder.version, Rules: t.rules, State: t.remembered(s)}})
		return
	}
	t.snapshot(s, after)
}

// remembered is what the host kept of an earlier one's checks; nil for nothing.
func (t *MonitorRecorder) remembered(s entry) *rule.State {
	all := s.Engine.Snapshot()
	memory := all.Memory()
	memory.Acts, memory.Pause = all.Acts, all.Pause
	if memory.Run.StartedAt.IsZero() && memory.UnknownSince.IsZero() && memory.Pause == nil && len(memory.Acts.Acts)+len(memory.Acts.Starts) == 0 {
		return nil
	}
	memory.Times(t.clock.at)
	return &memory
}

// snapshot records all that is known.
func (t *MonitorRecorder) snapshot(s entry, after time.Time) {
	state := s.Engine.Snapshot()
	state.Times(t.clock.at)
	state.First = state.First.Round(0).UTC()
	for source, seen := range state.Heads {
		seen.Head.Endpoint = t.recorder.redact.Address(seen.Head.Endpoint)
		state.Heads[source] = seen
	}
	lost := int(t.lost.Swap(0))
	t.missing += lost
	shot := &trace.Snapshot{Version: t.recorder.version, Rules: t.rules, After: after, Lost: lost, State: &state}
	if t.recorder.Lines {
		shot.Parser = []byte(t.recorder.redact.Text(string(s.Parser)))
	}
	// The target stands once in each file, also for those who read no snapshot.
	t.target, t.unreadable, t.read = nil, "", nil
	t.write(s.at, trace.Record{Snapshot: shot})
}

// write adds a record.
func (t *MonitorRecorder) write(now time.Time, r trace.Record) {
	r.T, r.Monitor = t.clock.at(now), t.monitor
	var line bytes.Buffer
	if err := trace.NewWriter(&line).Write(r); err != nil {
		// A record that no trace can hold: a time beyond the year 9999.
		t.lose(1)
		return
	}
	n, _ := t.buffer.Write(t.recorder.redact.JSON(line.Bytes()))
	t.size += n
	t.count++
	t.last = r.T
}

// send gives what there is to the disk.
func (t *MonitorRecorder) send() {
	if t.buffer.Len() == 0 {
		return
	}
	c := chunk{recording: t, data: bytes.Clone(t.buffer.Bytes()), records: t.count, missing: t.missing, begins: t.begins, at: t.began}
	t.buffer.Reset()
	t.count, t.missing, t.begins = 0, 0, false
	taken := t.recorder.queue.offer(c)
	if !taken {
		t.miss(c)
	}
	if t.behind == taken {
		t.behind = !taken
		t.tellBehind()
	}
}

func (t *MonitorRecorder) tellBehind() {
	if t.behind {
		t.recorder.logger.Error("the disk is too slow for the recording; records are left out", "monitor", t.monitor)
		return
	}
	t.recorder.logger.Info("the recording goes on", "monitor", t.monitor)
}

// Close sends the rest. Nothing may be recorded after it.
func (t *MonitorRecorder) Close() {
	t.flush()
	t.send()
	t.recorder.queue.offer(chunk{recording: t, ends: true})
	t.recorder.monitors.Add(-1)
}

// lose counts records that are left out.
func (t *MonitorRecorder) lose(records int) {
	t.lost.Add(int64(records))
	t.recorder.listener.RecordingLost(t.monitor, records)
}

// miss counts those of a piece that is left out. The recorder calls it as well.
func (t *MonitorRecorder) miss(c chunk) {
	if c.records > 0 {
		t.lost.Add(int64(c.missing))
		t.lose(c.records)
	}
}

// broke says that the disk failed.
func (t *MonitorRecorder) broke() {
	now := time.Now()
	t.troubled.Store(&now)
}
