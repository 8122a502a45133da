package dockerlog

import (
	"testing"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

func TestFirstStamp(t *testing.T) {
	start := engineTime("2026-11-22T13:00:10Z")
	for name, test := range map[string]struct {
		finished time.Time
		want     time.Duration // before the start
	}{
		"first run":       {time.Time{}, time.Second},
		"long stop":       {start.Add(-time.Minute), time.Second},
		"short stop":      {start.Add(-400 * time.Millisecond), 200 * time.Millisecond},
		"ended since":     {start.Add(time.Minute), earliest},
		"ended when born": {start, earliest},
	} {
		t.Run(name, func(t *testing.T) {
			got := firstStamp(docker.Container{StartedAt: start, FinishedAt: test.finished})
			if want := start.Add(-test.want).UnixNano(); got != want {
				t.Errorf("%s before the start, want %s", time.Duration(start.UnixNano()-got), test.want)
			}
		})
	}
}

// engineTime reads a stamp as the engine writes it.
func engineTime(s string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return at
}
