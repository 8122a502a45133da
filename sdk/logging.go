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
	logger := slog.New(hostHandler(w))
	slog.SetDefault(logger)
	return logger
}

// hostHandler writes entries in the host's form.
func hostHandler(w io.Writer) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: hostKeys})
}

// hostKeys gives slog's own fields the names that the host looks for.
func hostKeys(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	// An author's own field may be called like one of slog's.
	value := a.Value.Any()
	at, isTime := value.(time.Time)
	level, isLevel := value.(slog.Level)
	message, isText := value.(string)
	switch {
	case a.Key == slog.TimeKey && isTime:
		return slog.String("@timestamp", at.Format(time.RFC3339Nano))
	case a.Key == slog.LevelKey && isLevel:
		return slog.String("@level", levelName(level))
	case a.Key == slog.MessageKey && isText:
		return slog.String("@message", message)
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
