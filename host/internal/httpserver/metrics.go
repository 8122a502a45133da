package httpserver

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// metrics are what a monitoring system reads. Facts are exported only while
// they are known: a series that ends says "unknown", a number never does.
type metrics struct {
	registry *prometheus.Registry
	facts    map[string]*prometheus.GaugeVec
	given    *prometheus.GaugeVec
	known    *prometheus.GaugeVec
	verdict  *prometheus.GaugeVec
	canAct   *prometheus.GaugeVec
	logDelay *prometheus.GaugeVec
	guard    *prometheus.GaugeVec
	hazard   *prometheus.GaugeVec
	height   *prometheus.GaugeVec
	eligible *prometheus.GaugeVec
	excluded *prometheus.GaugeVec
	outcomes *prometheus.GaugeVec
	checks   *prometheus.CounterVec
	shadow   *prometheus.CounterVec
	actions  *prometheus.CounterVec
	killed   *prometheus.CounterVec
	stopTook *prometheus.GaugeVec
	blind    *prometheus.GaugeVec
	blinded  *prometheus.CounterVec
	checked  *prometheus.GaugeVec
	unkept   *prometheus.CounterVec
	// stored and files have no label; they are there while something is recorded.
	stored, files *prometheus.GaugeVec
	// all are the vectors above, each with the label "monitor".
	all []vector
}

// vector is what all vectors of metrics can do.
type vector interface {
	DeletePartialMatch(labels prometheus.Labels) int
}

func newMetrics(build string) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), facts: map[string]*prometheus.GaugeVec{}}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "headwatch_" + name, Help: help}, append([]string{"monitor"}, labels...))
		m.registry.MustRegister(v)
		m.all = append(m.all, v)
		return v
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headwatch_" + name, Help: help}, append([]string{"monitor"}, labels...))
		m.registry.MustRegister(v)
		m.all = append(m.all, v)
		return v
	}
	for _, f := range fact.BuiltIn() {
		m.facts[f.Name] = gauge(factMetric(f), "The fact "+f.Name+"; absent while it is unknown.")
	}
	m.given = gauge("fact", "A fact that the log parser gives, in its own unit; absent while it is unknown.", "fact")
	m.known = gauge("fact_known", "Whether a fact is known (1) or unknown (0).", "fact")
	m.verdict = gauge("verdict", "1 for the verdict of the last check.", "verdict", "rule")
	m.canAct = gauge("can_act", "Whether an act that a rule asks for would be made: 0 in a dry run, in a pause, for a refused target, and while the host holds acts for a reason of its own. The guards of a profile are headwatch_guard.")
	m.logDelay = gauge("log_delay_seconds", "How old the newest line of the log was when it arrived; absent while that is not known.")
	m.guard = gauge("guard", "1 for the guard that held an act at the last check.", "guard")
	m.hazard = gauge("target_hazard", "1 for what makes it dangerous to act on the target.", "id", "level")
	m.height = gauge("head_height_blocks", "The newest height that a head source gave; absent after an error.", "source")
	m.eligible = gauge("head_eligible", "Whether a head source counts (1) or not (0).", "source")
	m.excluded = gauge("head_excluded", "1 for why a head source does not count.", "source", "reason")
	m.outcomes = gauge("acts", "The acts that are remembered, by what came of them; pending while that is not known.", "outcome")
	m.checks = counter("checks_total", "Checks by verdict and rule.", "verdict", "rule")
	m.shadow = counter("shadow_verdicts_total", "Checks at which a shadowed rule would have acted.", "rule")
	m.actions = counter("actions_total", "Actions by outcome; one whose outcome was unknown counts again when it is settled.", "outcome")
	m.killed = counter("actions_killed_total", "Actions whose target did not stop by itself and was killed.")
	m.stopTook = gauge("action_stop_seconds", "How long the last stop took.")
	m.blind = gauge("blind", "Whether the verdict has been unknown for longer than ten minutes.")
	m.blinded = counter("blind_total", "How often the monitor went blind.")
	m.checked = gauge("last_check_timestamp_seconds", "When the last check was made, in Unix seconds.")
	m.unkept = counter("recording_dropped_records_total", "Records of the recording that could not be written.")
	m.stored = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "headwatch_recording_bytes", Help: "The size of all recordings in the folder."}, nil)
	m.files = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "headwatch_recording_files", Help: "The number of recordings in the folder."}, nil)
	m.registry.MustRegister(m.stored, m.files)
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "headwatch_build_info", Help: "The version that runs.", ConstLabels: prometheus.Labels{"version": build}})
	info.Set(1)
	m.registry.MustRegister(info)
	return m
}

// factMetric names a fact's series with its unit.
func factMetric(f fact.Fact) string {
	switch {
	case f.Name == "session":
		return "session_number"
	case f.Name == "sync_rate" || f.Name == "gain":
		return f.Name + "_blocks_per_second"
	case f.Name == "block_time":
		return "block_time_seconds"
	case f.Kind == fact.Blocks && !strings.HasSuffix(f.Name, "_blocks"):
		return f.Name + "_blocks"
	case f.Kind == fact.Seconds:
		return f.Name + "_seconds"
	}
	return f.Name
}

// begin shows what is counted as 0, so that the first of a kind is an increase.
func (m *metrics) begin(monitor string) {
	for _, outcome := range []sdk.Outcome{sdk.Done, sdk.NotDone, sdk.Failed, sdk.Unknown} {
		m.actions.WithLabelValues(monitor, outcomeWord(outcome))
	}
	m.killed.WithLabelValues(monitor)
	m.blinded.WithLabelValues(monitor)
}

// forget drops every series of a monitor.
func (m *metrics) forget(monitor string) {
	for _, v := range m.all {
		v.DeletePartialMatch(prometheus.Labels{"monitor": monitor})
	}
}

func (m *metrics) checkMade(c monitor.Check, wasBlind bool) {
	monitor, v := c.Monitor, c.Verdict
	of := prometheus.Labels{"monitor": monitor}
	m.canAct.WithLabelValues(monitor).Set(truth(c.CannotAct == ""))
	m.logDelay.DeletePartialMatch(of)
	if c.LogDelay >= 0 {
		m.logDelay.WithLabelValues(monitor).Set(c.LogDelay.Seconds())
	}
	m.guard.DeletePartialMatch(of)
	if v.Guard != "" {
		m.guard.WithLabelValues(monitor, v.Guard).Set(1)
	}
	m.hazard.DeletePartialMatch(of)
	for _, h := range c.Hazards {
		m.hazard.WithLabelValues(monitor, h.ID, string(h.Level)).Set(1)
	}
	m.showHeads(monitor, c.Heads)
	m.showOutcomes(monitor, c.Acts.Count())
	// A new run of a node may not give the facts of the one before.
	m.known.DeletePartialMatch(of)
	m.given.DeletePartialMatch(of)
	for _, f := range v.Facts {
		m.showFact(monitor, f)
	}
	m.verdict.DeletePartialMatch(of)
	m.verdict.WithLabelValues(monitor, string(v.Kind), v.Rule).Set(1)
	m.checks.WithLabelValues(monitor, string(v.Kind), v.Rule).Inc()
	for _, name := range v.Shadowed {
		m.shadow.WithLabelValues(monitor, name).Inc()
	}
	m.blind.WithLabelValues(monitor).Set(truth(v.Blind()))
	if v.Blind() && !wasBlind {
		m.blinded.WithLabelValues(monitor).Inc()
	}
	m.checked.WithLabelValues(monitor).Set(float64(v.Time.UnixNano()) / float64(time.Second))
}

// showHeads shows what each head source is worth.
func (m *metrics) showHeads(monitor string, heads []rule.JudgedHead) {
	m.excluded.DeletePartialMatch(prometheus.Labels{"monitor": monitor})
	for _, h := range heads {
		m.eligible.WithLabelValues(monitor, h.Source).Set(truth(h.Unusable == ""))
		if h.Error == "" {
			m.height.WithLabelValues(monitor, h.Source).Set(float64(h.Head.Best))
		} else {
			m.height.DeleteLabelValues(monitor, h.Source)
		}
		if h.Unusable != "" {
			m.excluded.WithLabelValues(monitor, h.Source, h.Excluded).Set(1)
		}
	}
}

// showOutcomes shows what came of the acts.
func (m *metrics) showOutcomes(monitor string, counts map[string]int) {
	for _, o := range acts.Outcomes() {
		m.outcomes.WithLabelValues(monitor, o.Word()).Set(float64(counts[o.Word()]))
	}
}

func (m *metrics) actionMade(monitor string, r sdk.Result) {
	m.actions.WithLabelValues(monitor, outcomeWord(r.Outcome)).Inc()
	if r.Killed {
		m.killed.WithLabelValues(monitor).Inc()
	}
	if r.StopTook > 0 {
		m.stopTook.WithLabelValues(monitor).Set(r.StopTook.Seconds())
	}
}

func (m *metrics) showFact(monitor string, f fact.Fact) {
	m.known.WithLabelValues(monitor, f.Name).Set(truth(f.Known))
	series, builtIn := m.facts[f.Name]
	switch {
	case builtIn && f.Known:
		series.WithLabelValues(monitor).Set(number(f))
	case builtIn:
		series.DeleteLabelValues(monitor)
	case f.Known && f.Kind != fact.Text:
		m.given.WithLabelValues(monitor, f.Name).Set(number(f))
	}
}

func outcomeWord(o sdk.Outcome) string {
	switch o {
	case sdk.Done:
		return "done"
	case sdk.NotDone:
		return "not_done"
	case sdk.Failed:
		return "failed"
	}
	return "unknown"
}

// number is the value of a fact that is not a text.
func number(f fact.Fact) float64 {
	switch f.Kind {
	case fact.Blocks:
		return float64(f.Count)
	case fact.Truth:
		return truth(f.Truth)
	}
	return f.Number
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
