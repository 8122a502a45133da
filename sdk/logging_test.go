package sdk

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLogIsInTheFormOfTheHost(t *testing.T) {
	at := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		log  func(*slog.Logger)
		want map[string]any
	}{
		{"fields", func(l *slog.Logger) { l.Info("read", "lines", 3, "ok", true) },
			map[string]any{"@level": "info", "@message": "read", "lines": 3.0, "ok": true}},
		{"debug", func(l *slog.Logger) { l.Debug("d") }, map[string]any{"@level": "debug", "@message": "d"}},
		{"warn", func(l *slog.Logger) { l.Warn("w") }, map[string]any{"@level": "warn", "@message": "w"}},
		{"error", func(l *slog.Logger) { l.Error("e") }, map[string]any{"@level": "error", "@message": "e"}},
		{"between levels", func(l *slog.Logger) { l.Log(t.Context(), slog.LevelWarn+1, "n") }, map[string]any{"@level": "warn", "@message": "n"}},
		{"not UTF-8", func(l *slog.Logger) { l.Info("a\xffb", "k", "c\xff") }, map[string]any{"@level": "info", "@message": "a�b", "k": "c�"}},
		{"group", func(l *slog.Logger) { l.WithGroup("g").Info("m", "time", 1) },
			map[string]any{"@level": "info", "@message": "m", "g": map[string]any{"time": 1.0}}},
		{"fields called like slog's own", func(l *slog.Logger) { l.Info("m", "time", time.Second, "level", 3, "msg", 4) },
			map[string]any{"@level": "info", "@message": "m", "time": 1e9, "level": 3.0, "msg": 4.0}},
		{"a time", func(l *slog.Logger) { l.Info("m", "at", at) }, map[string]any{"@level": "info", "@message": "m", "at": "2025-03-01T12:00:00Z"}},
	}
	before := slog.Default()
	defer slog.SetDefault(before)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			test.log(newLogger(&out))
			var got map[string]any
			if err := json.Unmarshal(out.Bytes(), &got); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
				t.Fatalf("%q is not one JSON line: %v", out.String(), err)
			}
			if _, err := time.Parse(time.RFC3339Nano, got["@timestamp"].(string)); err != nil {
				t.Error(err)
			}
			delete(got, "@timestamp")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("entry (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLogIsThatOfTheStandardLibrary(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	var out bytes.Buffer
	newLogger(&out)
	slog.Warn("from slog")
	if !bytes.Contains(out.Bytes(), []byte(`"@level":"warn","@message":"from slog"`)) {
		t.Errorf("slog's default wrote %q", out.String())
	}
}
