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
	tapes    []*record.Tape
}

func newRecording(p *prepared, listener record.Listener, logger *slog.Logger) *recording {
	c := p.config.Record
	settings := record.Settings{Dir: c.Dir, MaxSize: c.MaxSize, MaxAge: c.MaxAge, Lines: c.Lines}
	return &recording{recorder: record.New(settings, Version, record.NewRedactor(p.secrets), listener, logger)}
}

// tape is the recording of a monitor.
func (r *recording) tape(m *config.Monitor) *record.Tape {
	var heads []string
	for _, block := range m.Heads {
		heads = append(heads, block.Name)
	}
	rules := append([]string{fmt.Sprintf("interval: %s; heads: %s", m.Interval, strings.Join(heads, ", "))}, m.Thresholds()...)
	tape := r.recorder.Tape(m.Name, rules)
	r.tapes = append(r.tapes, tape)
	return tape
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
		for _, tape := range r.tapes {
			tape.Close()
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
