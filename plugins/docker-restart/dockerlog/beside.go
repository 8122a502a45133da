package dockerlog

import (
	"context"
	"io"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

const (
	// steadyVersion is the version of the API from which on a followed log neither
	// stands still nor leaves lines out where the engine rotates a file.
	steadyVersion = "1.42"
	// besideEvery is how often a log is read beside its stream; each time that
	// neither says anything, twice as long passes, up to besideMost. besideWithin is how
	// long one reading may take.
	besideEvery  = 5 * time.Second
	besideMost   = time.Minute
	besideWithin = 2 * time.Second
	// besideFew is how many lines a stream has between two such readings at most:
	// one that says more does not stand still.
	besideFew = 50
)

// beside compares the followed log of an older engine with the log itself, read
// without following, while the stream says little.
type beside struct {
	due     *time.Timer
	pause   time.Duration // until it is due next; 0 where nothing is compared
	lines   int           // of the stream since it was due last
	awaited int64         // stamp of a line of the log that the stream lacks; 0 for none
}

// versioned is an engine that says which API it speaks.
type versioned interface {
	Supports(ctx context.Context, version string) (supported bool, spoken string, err error)
}

var _ versioned = (*docker.Engine)(nil)

// lookBeside begins to compare where the engine is an older one.
func (r *reading) lookBeside(ctx context.Context) {
	r.beside.due = time.NewTimer(besideMost)
	engine, says := r.f.engine.(versioned)
	if !r.query.Follow || !says {
		return
	}
	if steady, _, err := engine.Supports(ctx, steadyVersion); err == nil && !steady {
		r.beside.pause = besideEvery
		r.beside.due.Reset(besideEvery)
	}
}

func (b *beside) note(l line) {
	b.lines++
	if l.at == b.awaited {
		b.awaited = 0
	}
}

// standsStill says whether the stream lacks a line that the log had when it was
// due last. What cannot be read is tried again.
func (r *reading) standsStill(ctx context.Context) bool {
	b := &r.beside
	if b.pause == 0 {
		return false
	}
	lines := b.lines
	b.lines = 0
	switch {
	case lines > besideFew || !r.place.passed:
		b.awaited = 0
	case b.awaited != 0:
		return true
	default:
		newest, _ := r.f.newestStamp(ctx, r.of)
		if anchor, ok := r.f.at.seen.anchor(); ok && newest > anchor.at {
			b.awaited = newest
		}
	}
	b.pause = min(2*b.pause, besideMost)
	if lines > 0 || b.awaited != 0 {
		b.pause = besideEvery
	}
	b.due.Reset(b.pause)
	return false
}

// newestStamp is the stamp of the log's last line; 0 where that has no end yet.
func (f *Follower) newestStamp(ctx context.Context, c docker.Container) (at int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, besideWithin)
	defer cancel()
	body, err := f.engine.Logs(ctx, c.ID, docker.LogQuery{Tail: 1})
	if err != nil {
		return 0, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, 2*MaxLine))
	if err != nil {
		return 0, err
	}
	var stamps stamper
	split := newSplitter(c.TTY)
	err = split.push(data, func(one record) error {
		stamp, text, err := stamps.read(one.data)
		if len(text) > 0 && text[len(text)-1] == '\n' {
			at = stamp
		}
		return err
	})
	return at, err
}
