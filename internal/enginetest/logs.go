package enginetest

import (
	"encoding/binary"
	"net/http"
	"strconv"
	"time"
)

// stampLayout is the stamp before each record: nine digits and a blank.
const stampLayout = "2006-01-02T15:04:05.000000000Z07:00 "

type logQuery struct {
	streams      [4]bool // by number
	stamps       bool
	follow       bool
	since, until time.Time
	tail         int // -1 for all
}

func parseLogQuery(r *http.Request) (logQuery, error) {
	values := r.URL.Query()
	q := logQuery{stamps: queryBool(values, "timestamps"), follow: queryBool(values, "follow"), tail: -1}
	q.streams[stdout] = queryBool(values, "stdout")
	q.streams[stderr] = queryBool(values, "stderr")
	if !q.streams[stdout] && !q.streams[stderr] {
		return q, fail(http.StatusBadRequest, "Bad parameters: you must choose at least one stream")
	}
	if n, err := strconv.Atoi(values.Get("tail")); err == nil {
		q.tail = n
	}
	return q, nil
}

// times reads since and until, which the engine does only after it has looked
// at the container.
func (q *logQuery) times(r *http.Request) (err error) {
	if q.since, err = queryTime(r, "since"); err == nil {
		q.until, err = queryTime(r, "until")
	}
	return err
}

// follower is one reading of a log. The engine's lock guards it.
type follower struct {
	id        int
	query     logQuery
	next      int
	run       *run // whose end ends the reading; nil where it does not follow
	limit     int  // where a reading ends that does not follow
	admitted  bool // since has let a line through
	injected  [][]byte
	injectEnd bool // end after what was injected
}

func (e *Engine) serveLogs(w http.ResponseWriter, r *http.Request) error {
	q, err := parseLogQuery(r)
	if err != nil {
		return err
	}
	c, err := e.lookUp(r)
	if err != nil {
		return err
	}
	if err := c.readable(); err != nil {
		return err
	}
	if err := q.times(r); err != nil {
		return err
	}
	f := c.follow(q)
	defer c.unfollow(f)
	if !older(apiVersion(r), "1.42") {
		kind := "application/vnd.docker.multiplexed-stream"
		if c.spec.TTY {
			kind = "application/vnd.docker.raw-stream"
		}
		w.Header().Set("Content-Type", kind)
	}
	w.WriteHeader(http.StatusOK)
	flush(w)
	c.stream(w, r, f)
	return nil
}

// readable reports what keeps the log from being read.
func (c *Container) readable() error {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	if c.status == removing {
		return fail(http.StatusConflict, "can not get logs from container which is dead or marked for removal")
	}
	if c.spec.LogDriver == "none" {
		return fail(http.StatusNotImplemented, "configured logging driver does not support reading")
	}
	return nil
}

// follow begins a reading. The tail is taken before since is looked at.
func (c *Container) follow(q logQuery) *follower {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.followed++
	f := &follower{id: c.followed, query: q, next: c.log.tail(q.tail), limit: c.log.end()}
	if q.follow && (c.status == running || c.status == paused) {
		f.run = c.run
	}
	if c.corrupt != "" && q.tail != 0 {
		f.inject(c.errorFrame(c.corrupt), true)
	}
	c.followers[f] = true
	return f
}

func (c *Container) unfollow(f *follower) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	delete(c.followers, f)
}

// stream writes the reading, one write and one flush for each record.
func (c *Container) stream(w http.ResponseWriter, r *http.Request, f *follower) {
	for {
		frames, over, wait := c.step(f)
		for _, frame := range frames {
			if _, err := w.Write(frame); err != nil {
				return
			}
			flush(w)
		}
		if over {
			return
		}
		if wait == nil {
			continue
		}
		select {
		case <-wait:
		case <-r.Context().Done():
			return
		}
	}
}

// stepSize bounds a step, so that a long log is not held twice.
const stepSize = 1000

// step is the next part of a reading. over says that nothing follows it; wait
// is closed when there may be more, and nil where there is.
func (c *Container) step(f *follower) (frames [][]byte, over bool, wait <-chan struct{}) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	frames, f.injected = f.injected, nil
	if f.injectEnd {
		return frames, true, nil
	}
	limit, ends := f.limit, true
	if f.run != nil {
		limit, ends = c.log.end(), f.run.over
		if ends {
			limit = f.run.end
		}
	}
	part := min(limit, max(f.next, c.log.first)+stepSize)
	for _, rec := range c.log.from(f.next, part) {
		if !f.query.until.IsZero() && rec.at.After(f.query.until) {
			return frames, true, nil
		}
		if f.wants(rec, c.engine.personality.SinceOnce) {
			frames = append(frames, c.frame(f.query.stamps, rec))
		}
	}
	f.next = part
	if part < limit {
		return frames, false, nil
	}
	return frames, ends, c.changed
}

// wants reports whether a record belongs to the reading.
func (f *follower) wants(rec record, sinceOnce bool) bool {
	if f.run != nil && f.id < rec.unseen || !f.query.streams[rec.stream] {
		return false
	}
	if rec.at.Before(f.query.since) && !(sinceOnce && f.admitted) {
		return false
	}
	f.admitted = true
	return true
}

// frame is a record on the wire. A terminal has no frames.
func (c *Container) frame(stamps bool, rec record) []byte {
	var stamp string
	if stamps {
		stamp = rec.at.Format(stampLayout)
	}
	body := append([]byte(stamp), rec.data...)
	if c.spec.TTY {
		return body
	}
	return frame(rec.stream, body)
}

// frame puts the header of eight bytes before a body.
func frame(stream byte, body []byte) []byte {
	header := [8]byte{0: stream}
	binary.BigEndian.PutUint32(header[4:], uint32(len(body)))
	return append(header[:], body...)
}

func (f *follower) inject(p []byte, end bool) {
	f.injected = append(f.injected, p)
	f.injectEnd = f.injectEnd || end
}

func (c *Container) errorFrame(text string) []byte {
	body := []byte("Error grabbing logs: " + text + "\n")
	if c.spec.TTY {
		return body
	}
	return frame(systemErr, body)
}

// Rotation is a rotation of the log's files.
type Rotation struct {
	// Forget is how many of the oldest records are gone afterwards.
	Forget int
	// Repeat is how many records the readings that are open get a second time,
	// as engines before 23.0 do.
	Repeat int
}

// Rotate rotates the log.
func (c *Container) Rotate(r Rotation) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.log.forget(r.Forget)
	for f := range c.followers {
		if f.run != nil {
			f.next = max(f.next-r.Repeat, c.log.first)
		}
	}
	c.announce()
}

// EmitRaw sends bytes to the readings that are open, as they are and past the
// log.
func (c *Container) EmitRaw(p []byte) { c.injectAll(p, false) }

// EmitError ends the readings that are open with an error of the engine's
// inside the stream.
func (c *Container) EmitError(text string) { c.injectAll(c.errorFrame(text), true) }

func (c *Container) injectAll(p []byte, end bool) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	for f := range c.followers {
		f.inject(p, end)
	}
	c.announce()
}

// CorruptLog makes each reading that looks at old lines end at once with an
// error inside the stream. The empty text mends the log.
func (c *Container) CorruptLog(text string) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.corrupt = text
}
