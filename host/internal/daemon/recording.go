package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/record"
)

// recording is a recorder at work. Its methods do nothing where there is none.
type recording struct {
	recorder *record.Recorder
	stop     context.CancelFunc
	ended    chan struct{}

	mu       sync.Mutex
	monitors map[string]*record.MonitorRecorder
}

// newRecording begins to record.
func (d *Daemon) newRecording(c *config.Record) *recording {
	settings := record.Settings{Dir: c.Dir, MaxSize: c.MaxSize, MaxAge: c.MaxAge, Lines: c.Lines}
	ctx, stop := context.WithCancel(context.Background())
	r := &recording{recorder: record.New(settings, d.Version, d.Redactor, d.server, d.Logger), stop: stop, ended: make(chan struct{}),
		monitors: map[string]*record.MonitorRecorder{}}
	go func() {
		defer close(r.ended)
		r.recorder.Run(ctx)
	}()
	return r
}

// monitor begins to record a monitor, anew where that was made before.
func (r *recording) monitor(m *config.Monitor) *record.MonitorRecorder {
	r.endMonitor(m.Name)
	rules := append([]string{fmt.Sprintf("interval: %s; heads: %s", m.Interval, strings.Join(m.HeadNames(), ", "))}, m.Thresholds()...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.monitors[m.Name] = r.recorder.Monitor(m.Name, rules)
	return r.monitors[m.Name]
}

// endMonitor ends the recording of a monitor, which must have ended before.
func (r *recording) endMonitor(name string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if recorder := r.monitors[name]; recorder != nil {
		recorder.Close()
		delete(r.monitors, name)
	}
}

// end ends the recording; all monitors must have ended before.
func (r *recording) end() {
	if r == nil {
		return
	}
	for name := range r.monitors {
		r.endMonitor(name)
	}
	r.stop()
	<-r.ended
}
