package monitor

import (
	"log/slog"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// LogObserver says in the host's log what a monitor decides and does.
type LogObserver struct {
	logger *slog.Logger
	// blind, cause and trouble are what was said last, so that each is said once.
	blind, cause, trouble news
}

var _ Observer = (*LogObserver)(nil)

// NewLogObserver returns an observer of one monitor.
func NewLogObserver(logger *slog.Logger) *LogObserver { return &LogObserver{logger: logger} }

// Checked says the sentences of a check, and once each what an operator must not
// miss.
func (l *LogObserver) Checked(c Check) {
	v := c.Verdict
	for i, sentence := range v.Sentences {
		if i < len(v.Sentences)-1 {
			l.logger.Info(sentence)
			continue
		}
		attrs := []any{"verdict", string(v.Kind)}
		if v.Rule != "" {
			attrs = append(attrs, "rule", v.Rule)
		}
		l.logger.Info(sentence, attrs...)
	}
	if l.blind.changes(blindText(v)) {
		l.logger.Warn("this monitor is blind", "unknown_for", v.UnknownFor.Round(time.Second), "reason", v.Reason)
	}
	cause := ""
	if v.Rule == rule.RuleCause {
		cause = v.Reason
	}
	if l.cause.changes(cause) {
		l.logger.Error("a person has to see to this node; it is not restarted", "reason", cause)
	}
	if l.trouble.changes(v.Trouble) {
		l.logger.Warn("the node's log shows trouble", "trouble", v.Trouble)
	}
}

// blindText changes only when a monitor goes blind or sees again.
func blindText(v rule.Verdict) string {
	if v.Blind() {
		return "blind"
	}
	return ""
}

// Acted says what became of an act.
func (l *LogObserver) Acted(a Act) {
	switch attrs := resultAttrs(a.Result); a.Result.Outcome {
	case sdk.Done:
		l.logger.Info("the target was restarted", attrs...)
	case sdk.NotDone:
		l.logger.Warn("the target was not restarted", attrs...)
	case sdk.Failed:
		l.logger.Error("the target could not be restarted", attrs...)
	default:
		l.logger.Error("it is not known whether the target was restarted", attrs...)
	}
}

// resultAttrs are the attributes of a result, for the log.
func resultAttrs(r sdk.Result) []any {
	attrs := []any{slog.String("detail", r.Detail)}
	if r.StopTook > 0 {
		attrs = append(attrs, slog.Duration("stop_took", r.StopTook.Round(time.Millisecond)))
	}
	// Without an exit code it is not known how the run ended.
	if r.ExitCode != nil {
		attrs = append(attrs, slog.Int("exit_code", *r.ExitCode), slog.Bool("killed", r.Killed))
	}
	return attrs
}

// news is a text that is said when it changes.
type news string

// changes says whether text is to be said: it differs from the last one and is
// not empty.
func (n *news) changes(text string) bool {
	changed := string(*n) != text
	*n = news(text)
	return changed && text != ""
}
