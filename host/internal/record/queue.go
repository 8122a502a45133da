package record

import (
	"sync"
	"time"
)

// Bounds on what may wait for the disk, in bytes: of all recordings, and of one.
const (
	waitMost = 32 << 20
	waitTape = 4 << 20
)

// chunk is a piece of a recording: whole lines.
type chunk struct {
	recording *MonitorRecorder
	data      []byte
	records   int
	// missing is how many records it says are lost.
	missing int
	// begins says that a file begins with it, at this time, and ends that the
	// recording ends with it.
	begins, ends bool
	at           time.Time
}

// queue is what waits for the disk.
type queue struct {
	// more says that there is something.
	more chan struct{}

	mu      sync.Mutex
	chunks  []chunk
	waiting int
	ofTape  map[*MonitorRecorder]int
}

// offer takes a piece, unless too much waits already. A piece that is larger
// than that by itself is taken when nothing else of its recording waits.
func (q *queue) offer(c chunk) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	mine := q.ofTape[c.recording]
	if !c.ends && mine > 0 && (mine+len(c.data) > waitTape || q.waiting+len(c.data) > waitMost) {
		return false
	}
	if q.ofTape == nil {
		q.ofTape = map[*MonitorRecorder]int{}
	}
	q.chunks = append(q.chunks, c)
	q.waiting += len(c.data)
	q.ofTape[c.recording] += len(c.data)
	ask(q.more)
	return true
}

// next is the piece to write next.
func (q *queue) next() (chunk, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.chunks) == 0 {
		q.chunks = nil
		return chunk{}, false
	}
	c := q.chunks[0]
	q.chunks[0] = chunk{}
	q.chunks = q.chunks[1:]
	return c, true
}

// written forgets a piece that next gave.
func (q *queue) written(c chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting -= len(c.data)
	if q.ofTape[c.recording] -= len(c.data); q.ofTape[c.recording] <= 0 {
		delete(q.ofTape, c.recording)
	}
}
