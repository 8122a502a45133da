package faulty

import (
	"context"
	"errors"
	"strconv"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// logFaults are of a log source.
func logFaults() map[string]func(*relay) {
	return map[string]func(*relay){
		"log-order": item(func(i *pluginv1.ReadResponse) bool { return i.GetRunStarted() == nil }),
		"log-batch": item(func(i *pluginv1.ReadResponse) bool {
			for _, line := range i.GetLines().GetLines() {
				line.Text = append(line.Text, '\n')
			}
			return true
		}),
		"log-tail": read(func(q *pluginv1.ReadRequest) { q.Tail = 1000 }),
		"log-once": read(func(q *pluginv1.ReadRequest) { q.NoFollow = false }),
		"log-resume": read(func(q *pluginv1.ReadRequest) {
			if at, err := strconv.Atoi(string(q.GetCursor())); err == nil {
				q.Cursor = strconv.AppendInt(nil, int64(at-1), 10) // the last line comes again
			}
		}),
		"log-missing": impatientReader,
		"cancel":      unending,
	}
}

// item spoils the items of a log; those for which keep is false are lost.
func item(keep func(*pluginv1.ReadResponse) bool) func(*relay) {
	return func(r *relay) {
		r.read = func(_ context.Context, q *pluginv1.ReadRequest, out send, pass func(*pluginv1.ReadRequest, send) error) error {
			return pass(q, func(i *pluginv1.ReadResponse) error {
				if !keep(i) {
					return nil
				}
				return out(i)
			})
		}
	}
}

// read spoils the requests for a log.
func read(spoil func(*pluginv1.ReadRequest)) func(*relay) {
	return func(r *relay) {
		r.read = func(_ context.Context, q *pluginv1.ReadRequest, out send, pass func(*pluginv1.ReadRequest, send) error) error {
			spoil(q)
			return pass(q, out)
		}
	}
}

// impatientReader ends the log of a node that does not exist.
func impatientReader(r *relay) {
	ended := errors.New("there is no such node")
	r.read = func(_ context.Context, q *pluginv1.ReadRequest, out send, pass func(*pluginv1.ReadRequest, send) error) error {
		err := pass(q, func(i *pluginv1.ReadResponse) error {
			if i.GetBacklogEnd() != nil && string(q.GetTargetJson()) == `{"node":"nobody"}` {
				return ended
			}
			return out(i)
		})
		if errors.Is(err, ended) {
			return nil
		}
		return err
	}
}

// unending has room for a few readings, and never leaves one that is cancelled.
func unending(r *relay) {
	room := make(chan struct{}, 30)
	r.read = func(ctx context.Context, q *pluginv1.ReadRequest, out send, pass func(*pluginv1.ReadRequest, send) error) error {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := pass(q, out)
		if ctx.Err() == nil {
			<-room
			return err
		}
		<-r.quit
		return nil
	}
}
