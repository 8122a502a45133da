package record

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/headwatch/headwatch/host/internal/redact"
)

// Settings is where and how much is recorded.
type Settings struct {
	// Dir is the folder; it is made when missing.
	Dir string
	// MaxSize is the most that all files may have together, in bytes.
	MaxSize int64
	// MaxAge is how long a file is kept after its last record.
	MaxAge time.Duration
	// Lines says that the lines of the log are recorded, not what they say.
	Lines bool
}

// Listener is told what becomes of a recording. Its methods return at once.
type Listener interface {
	// RecordingStored tells how much there is in the folder.
	RecordingStored(bytes int64, files int)
	// RecordingLost tells how many records of a monitor could not be written.
	RecordingLost(monitor string, records int)
}

// Bounds on a recording.
const (
	// retryAfter is the pause before a disk that failed is written to again.
	retryAfter = 30 * time.Second
	// endFor is how long the end of a recording may take: what is not
	// compressed by then is at the next start.
	endFor = 3 * time.Second
	// segmentMost and segmentLeast bound the size of a file before it is
	// compressed.
	segmentMost  = 64 << 20
	segmentLeast = 256 << 10
)

// Recorder writes the recordings of a host. Monitors may be recorded before Run is
// called, and their recorders have to be closed before Run's context ends.
type Recorder struct {
	keeper
	queue   queue
	version string
	redact  *redact.Redactor
	// monitors is how many are recorded.
	monitors atomic.Int32
	// cut is the size of a file before it is compressed; 0 for one that fits into
	// the folder.
	cut int
	// read is what the host's clock says at a time; nil for the time's own word.
	read func(time.Time) time.Time

	segments map[*MonitorRecorder]*segment
	// failing are the recordings that cannot be written at present.
	failing map[*MonitorRecorder]bool
}

// New returns a recorder that has not begun. The version of the host stands in
// what it records; redactor takes out what is secret.
func New(s Settings, version string, redactor *redact.Redactor, listener Listener, logger *slog.Logger) *Recorder {
	return &Recorder{
		keeper: keeper{Settings: s, listener: listener, logger: logger.With("dir", s.Dir), writing: map[*MonitorRecorder]string{}},
		queue:  queue{more: make(chan struct{}, 1)}, version: version, redact: redactor,
		segments: map[*MonitorRecorder]*segment{}, failing: map[*MonitorRecorder]bool{},
	}
}

// Run writes until ctx is done and everything is written, or the disk takes too
// long for that.
func (r *Recorder) Run(ctx context.Context) {
	packing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.work(ctx, packing)
	}()
	<-ctx.Done()
	for range 2 {
		late := time.NewTimer(endFor)
		select {
		case <-ended:
			late.Stop()
			return
		case <-late.C:
			// What is not compressed by now is at the next start.
			stop()
		}
	}
	r.logger.Error("the disk does not answer; the end of the recording may be lost")
}

// work is what Run waits for.
func (r *Recorder) work(ctx, packing context.Context) {
	asked, kept := make(chan struct{}, 1), make(chan struct{})
	// Where it fails each recording tries again, and tells it.
	if r.enter() == nil {
		asked <- struct{}{}
	}
	go func() {
		defer close(kept)
		r.keeper.run(packing, asked)
	}()
	for ended := false; !ended; {
		select {
		case <-r.queue.more:
		case <-ctx.Done():
			ended = true
		}
		for c, ok := r.queue.next(); ok; c, ok = r.queue.next() {
			if r.write(c) {
				ask(asked)
			}
			r.queue.written(c)
		}
	}
	for recording := range r.segments {
		r.end(recording)
	}
	close(asked)
	<-kept
	r.leave()
}

// ask asks for something, unless it has been asked for already.
func ask(asked chan<- struct{}) {
	select {
	case asked <- struct{}{}:
	default:
	}
}

// write writes a piece of a recording. It says whether a file was closed.
func (r *Recorder) write(c chunk) (closed bool) {
	if c.begins || c.ends {
		defer func() { closed = true }()
	}
	if c.begins {
		r.end(c.recording)
		if err := r.begin(c); err != nil {
			r.fail(c, err)
			return
		}
	}
	switch s := r.segments[c.recording]; {
	case s == nil:
		// A piece before this one was lost: the recording begins anew when it knows.
		c.recording.miss(c)
	default:
		if err := s.write(c.data); err != nil {
			r.end(c.recording)
			r.fail(c, err)
			return
		}
		r.grew(int64(len(c.data)), 0)
	}
	if c.ends {
		r.end(c.recording)
	}
	return
}

// begin begins a file.
func (r *Recorder) begin(c chunk) error {
	if err := r.enter(); err != nil {
		return err
	}
	s, err := createSegment(r.Dir, c.recording.monitor, c.at, func(name string) { r.claim(c.recording, name) })
	if err != nil {
		r.release(c.recording)
		if errors.Is(err, fs.ErrNotExist) {
			// The folder is gone, and the lock with it.
			r.leave()
		}
		return err
	}
	r.segments[c.recording] = s
	r.grew(0, 1)
	if len(r.failing) > 0 {
		if delete(r.failing, c.recording); len(r.failing) == 0 {
			r.logger.Info("the recording goes on")
		}
	}
	return nil
}

// end closes the file of a recording, if it has one.
func (r *Recorder) end(t *MonitorRecorder) {
	s := r.segments[t]
	if s == nil {
		return
	}
	delete(r.segments, t)
	if err := s.close(); err != nil {
		r.logger.Error("a recording may not survive a loss of power", "file", s.name, "error", err)
	}
	r.release(t)
}

// fail leaves a piece out, and tells it once.
func (r *Recorder) fail(c chunk, err error) {
	if len(r.failing) == 0 {
		r.logger.Error("the recording cannot be written; watching goes on, and it is tried again", "error", err)
	}
	r.failing[c.recording] = true
	c.recording.broke()
	c.recording.miss(c)
}
