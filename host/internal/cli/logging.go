package cli

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/headwatch/headwatch/host/internal/hostlog"
	"github.com/headwatch/headwatch/host/internal/redact"
)

// newLog makes the host's log. The sentences in it are not escaped: slog leaves <
// and > alone in both formats.
func (g *globals) newLog(w io.Writer, redactor *redact.Redactor) (*hostlog.Log, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(g.logLevel)); err != nil {
		return nil, usageError{fmt.Errorf("log level is %q; it must be debug, info, warn or error", g.logLevel)}
	}
	log, err := hostlog.New(w, g.logFormat, level, redactor)
	if err != nil {
		return nil, usageError{err}
	}
	return log, nil
}
