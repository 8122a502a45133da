package sdk

import (
	"io"
	"log/slog"
	"time"

	"github.com/hashicorp/go-hclog"
)

// newLogger makes the plugin's log, which is also slog's default and that of
// package log: one JSON object a line on standard error, in the form that the
// host reads with level and fields.
func newLogger(w io.Writer) *slog.Logger {
	logger := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: hostKeys}))
	slog.SetDefault(logger)
	return logger
}

// hostKeys gives slog's own fields the names that the host looks for.
func hostKeys(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		return slog.String("@timestamp", a.Value.Time().Format(time.RFC3339Nano))
	case slog.LevelKey:
		level, _ := a.Value.Any().(slog.Level)
		return slog.String("@level", levelName(level))
	case slog.MessageKey:
		return slog.String("@message", a.Value.String())
	}
	return a
}

func levelName(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "debug"
	case l < slog.LevelWarn:
		return "info"
	case l < slog.LevelError:
		return "warn"
	}
	return "error"
}

// errorsOnly is go-plugin's own log: nothing of it but why it cannot serve.
func errorsOnly(w io.Writer) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: w, JSONFormat: true})
}
