package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/record"
)

// recording is what a configuration records.
type recording struct {
	recorder *record.Recorder
	monitors []*record.MonitorRecorder
}

func newRecording(p *prepared, listener record.Listener, logger *slog.Logger) *recording {
	c := p.config.Record
	settings := record.Settings{Dir: c.Dir, MaxSize: c.MaxSize, MaxAge: c.MaxAge, Lines: c.Lines}
	return &recording{recorder: record.New(settings, Version, record.NewRedactor(p.secrets), listener, logger)}
}

// monitor is the recorder of a monitor.
func (r *recording) monitor(m *config.Monitor) *record.MonitorRecorder {
	var heads []string
	for _, block := range m.Heads {
		heads = append(heads, block.Name)
	}
	rules := append([]string{fmt.Sprintf("interval: %s; heads: %s", m.Interval, strings.Join(heads, ", "))}, m.Thresholds()...)
	recorder := r.recorder.Monitor(m.Name, rules)
	r.monitors = append(r.monitors, recorder)
	return recorder
}

// start begins to write; the returned function ends it. Monitors must not run
// beyond it. Without a recording both do nothing.
func (r *recording) start(ctx context.Context) (end func()) {
	if r == nil {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.recorder.Run(ctx)
	}()
	return func() {
		for _, recorder := range r.monitors {
			recorder.Close()
		}
		stop()
		<-ended
	}
}

// bannerOfRecording says what is recorded, and where.
func (h *host) bannerOfRecording(r *config.Record) {
	log := "events"
	if r.Lines {
		log = "lines"
	}
	h.logger.Info("recording", "dir", r.Dir, "log", log, "max_size", r.MaxSize, "max_age", r.MaxAge)
}
