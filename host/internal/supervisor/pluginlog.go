package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Bounds on what is kept of a plugin's output.
const (
	maxLogLine = 64 << 10
	keptLines  = 10
)

// pluginLog takes a plugin's standard error line by line into the host's log,
// with level and fields where it says them, and keeps the last lines for the
// message of a start that failed.
type pluginLog struct {
	logger *slog.Logger

	mu      sync.Mutex
	pending []byte
	last    []string
	panics  bool
}

func newPluginLog(logger *slog.Logger) *pluginLog { return &pluginLog{logger: logger} }

// Write takes a piece of output. It never fails.
func (l *pluginLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if room := maxLogLine - len(l.pending); len(line) > room {
			line = line[:max(0, room)]
		}
		l.pending = append(l.pending, line...)
		rest = after
		if !ended {
			break
		}
		l.line(string(l.pending))
		l.pending = l.pending[:0]
	}
	return len(p), nil
}

// line logs one line, as a JSON entry or as it stands.
func (l *pluginLog) line(line string) {
	line = strings.TrimRight(strings.ToValidUTF8(line, "�"), "\r ")
	if line == "" {
		return
	}
	level, message, attrs, ok := entry(line)
	if !ok {
		level, message = slog.LevelInfo, line
		if !l.panics && (strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")) {
			l.panics, l.last = true, nil
		}
		if l.panics {
			level = slog.LevelError
		}
	}
	l.keep(shortened(message + words(attrs)))
	l.logger.Log(context.Background(), level, message, attrs...)
}

func shortened(s string) string {
	const enough = 200
	if len(s) > enough {
		s = s[:enough] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}

// keep remembers the last lines, but of a panic the first: they say what it was.
func (l *pluginLog) keep(line string) {
	if l.panics && len(l.last) >= keptLines {
		return
	}
	l.last = append(l.last, line)
	if len(l.last) > keptLines {
		l.last = slices.Delete(l.last, 0, 1)
	}
}

// entry reads a line as hclog and the SDK write it: JSON with @level and
// @message. Anything may stand in it; what has another type than expected is
// shown as it is.
func entry(line string) (level slog.Level, message string, attrs []any, ok bool) {
	if !strings.HasPrefix(line, "{") {
		return 0, "", nil, false
	}
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		return 0, "", nil, false
	}
	text, ok := fields["@message"]
	if !ok {
		return 0, "", nil, false
	}
	switch fmt.Sprint(fields["@level"]) {
	case "trace", "debug":
		level = slog.LevelDebug
	case "warn", "warning":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !strings.HasPrefix(key, "@") {
			attrs = append(attrs, key, fields[key])
		}
	}
	return level, fmt.Sprint(text), attrs, true
}

// words are attributes as they stand behind a message, without a stack.
func words(attrs []any) string {
	var b strings.Builder
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i] != "stack" {
			fmt.Fprintf(&b, " %v=%v", attrs[i], attrs[i+1])
		}
	}
	return b.String()
}

// flush logs a line that has no end.
func (l *pluginLog) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(string(l.pending))
	l.pending = nil
}

// explain adds the last lines to an error.
func (l *pluginLog) explain(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == 0 {
		return err
	}
	return fmt.Errorf("%w; its last words: %s", err, strings.Join(l.last, " | "))
}
