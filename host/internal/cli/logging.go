package cli

import (
	"fmt"
	"io"
	"log/slog"
)

// newLogger makes the host's log. The sentences in it are not escaped: slog
// leaves < and > alone in both formats.
func (g *globals) newLogger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(g.logLevel)); err != nil {
		return nil, usageError{fmt.Errorf("log level is %q; it must be debug, info, warn or error", g.logLevel)}
	}
	options := &slog.HandlerOptions{Level: level}
	switch g.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return nil, usageError{fmt.Errorf("log format is %q; it must be text or json", g.logFormat)}
}
