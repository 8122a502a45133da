// Package httpserver shows what the host knows: whether it lives, whether each
// monitor sees what it needs, and facts, verdicts and actions as metrics. It
// changes nothing and takes no input.
package httpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

var _ monitor.Observer = (*Server)(nil)

// late is how many intervals may go by without a check before a monitor counts
// as stuck.
const late = 3

// Server answers /healthz, /readyz, /status, /metrics and /api/v1.
type Server struct {
	metrics *metrics

	// mu guards all below and the metrics, so that a scrape sees whole checks.
	mu       sync.Mutex
	monitors map[string]*status
	redact   func([]byte) []byte

	// explaining lets one explanation be made at a time: it takes milliseconds
	// of a processor that the monitors need as well.
	explaining sync.Mutex
}

// status is what is shown of one monitor.
type status struct {
	interval time.Duration
	grace    time.Duration
	since    time.Time
	last     *rule.Verdict
	hazards  []rule.Hazard
	acts     acts.Ledger
	// seenTarget, seenLog and seenHead say that there was one at a check, hold why
	// the host itself acts on nothing.
	seenTarget, seenLog, seenHead bool
	hold                          string
	examined                      examined
}

// New returns a server that watches no monitor yet.
func New(version string) *Server {
	return &Server{metrics: newMetrics(version), monitors: map[string]*status{}}
}

// Watch replaces the monitors that are shown; state of removed ones is dropped. grace is how long a check may
// take beyond its interval: the longest deadline of the calls in it.
func (s *Server) Watch(intervals map[string]time.Duration, grace time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metrics.stored.Reset()
	s.metrics.files.Reset()
	old := s.monitors
	s.monitors = map[string]*status{}
	for name, interval := range intervals {
		s.monitors[name] = &status{interval: interval, grace: grace, since: time.Now()}
		if before, ok := old[name]; ok {
			kept := *before
			kept.interval, kept.grace, kept.since = interval, grace, time.Now()
			s.monitors[name] = &kept
		} else {
			s.metrics.begin(name)
		}
	}
	for name := range old {
		if _, ok := s.monitors[name]; !ok {
			s.metrics.forget(name)
		}
	}
}

// Redact sets what takes secrets out of the JSON that is shown of verdicts.
func (s *Server) Redact(redact func([]byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.redact = redact
}

// Checked takes a check.
func (s *Server) Checked(c monitor.Check) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.monitors[c.Monitor]
	if !ok {
		return
	}
	s.metrics.checkMade(c, st.last != nil && st.last.Blind())
	st.note(c)
	st.last, st.hazards, st.acts = &c.Verdict, c.Hazards, c.Acts
	st.examined.add(&check{c.Before, c.Verdict})
}

// Acted takes the outcome of an act.
func (s *Server) Acted(a monitor.Act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.monitors[a.Monitor]; ok {
		s.metrics.actionMade(a.Monitor, a.Result)
	}
}

// RecordingStored takes how much is recorded.
func (s *Server) RecordingStored(bytes int64, files int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metrics.stored.WithLabelValues().Set(float64(bytes))
	s.metrics.files.WithLabelValues().Set(float64(files))
}

// RecordingLost takes how many records could not be written.
func (s *Server) RecordingLost(monitor string, records int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metrics.unkept.WithLabelValues(monitor).Add(float64(records))
}

// Serve answers on the listener until ctx is done.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	stopped := make(chan struct{})
	defer context.AfterFunc(ctx, func() {
		defer close(stopped)
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(ending) != nil {
			server.Close()
		}
	})()
	err := server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		return nil
	}
	return fmt.Errorf("serve http: %w", err)
}

// Handler answers the endpoint's paths.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /status", s.status)
	mux.HandleFunc("GET /api/v1/monitors", s.listMonitors)
	mux.HandleFunc("GET /api/v1/monitors/{monitor}/verdict", s.explain)
	mux.Handle("GET /metrics", promhttp.HandlerFor(prometheus.GathererFunc(s.gather), promhttp.HandlerOpts{}))
	return mux
}

// gather takes the metrics as they are between two checks.
func (s *Server) gather() ([]*dto.MetricFamily, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.metrics.registry.Gather()
}

// healthz says whether the loops of the monitors turn. It is what a supervisor
// may restart the host on.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	code, body := s.judge((*status).stuck)
	s.writeJSON(w, code, body)
}

// readyz says whether each monitor sees what it needs. A host that has no
// monitor yet is not ready.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	code, body := s.judge((*status).unready)
	if len(body) == 0 {
		code = http.StatusServiceUnavailable
	}
	s.writeJSON(w, code, body)
}

// unready says why a monitor cannot be relied on; empty where it can.
func (st *status) unready(now time.Time) string {
	switch stuck := st.stuck(now); {
	case stuck != "":
		return stuck
	case st.last == nil:
		return "no check made yet"
	case st.last.Blind():
		return fmt.Sprintf("blind for %s: %s", st.last.UnknownFor.Round(time.Second), st.last.Reason)
	case st.hold != "":
		return "nothing is restarted: " + st.hold
	}
	var missing []string
	for what, seen := range map[string]bool{"its target": st.seenTarget, "its log": st.seenLog, "a head": st.seenHead} {
		if !seen {
			missing = append(missing, what)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	slices.Sort(missing)
	return "has never seen " + strings.Join(missing, ", nor ") + ": " + st.last.Reason
}

// note keeps what readiness rests on.
func (st *status) note(c monitor.Check) {
	st.hold = c.Hold
	known := func(fact string) bool { return c.Verdict.Facts.Get(fact).Known }
	st.seenTarget = st.seenTarget || c.Verdict.Rule != rule.RuleTarget
	st.seenLog = st.seenLog || known("synced")
	st.seenHead = st.seenHead || known("best")
}

// stuck says that a monitor has made no check for too long.
func (st *status) stuck(now time.Time) string {
	since := st.since
	if st.last != nil && st.last.Time.After(since) {
		since = st.last.Time
	}
	if ago := now.Sub(since); ago > late*st.interval+st.grace {
		return fmt.Sprintf("no check for %s", ago.Round(time.Second))
	}
	return ""
}

// judge gives each monitor a line: "ok", or the trouble it is in. The code is
// 200 where none is in trouble, else 503.
func (s *Server) judge(trouble func(*status, time.Time) string) (code int, body map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	code, body = http.StatusOK, map[string]string{}
	for name, st := range s.monitors {
		body[name] = "ok"
		if text := trouble(st, now); text != "" {
			code, body[name] = http.StatusServiceUnavailable, text
		}
	}
	return code, body
}

// monitorStatus is one monitor of /status.
type monitorStatus struct {
	Verdict json.RawMessage `json:"verdict"`
	Steps   []ruleset.Step  `json:"steps"`
	Guards  []guardStatus   `json:"guards"`
	Hazards []rule.Hazard   `json:"hazards,omitempty"`
	// Acts are how many of the acts that are remembered came to what, by outcome; LastAct
	// is the newest.
	Acts    map[string]int `json:"acts,omitempty"`
	LastAct *actStatus     `json:"last_act,omitempty"`
}

// guardStatus is what a guard said at the last check.
type guardStatus struct {
	Guard string    `json:"guard"`
	Holds bool      `json:"holds"`
	Until time.Time `json:"until,omitzero"`
	Why   string    `json:"why"`
}

func guardsOf(all []rule.Standing) []guardStatus {
	guards := []guardStatus{}
	for _, s := range all {
		guards = append(guards, guardStatus{s.Guard, s.Holds, s.Until.UTC(), s.Why})
	}
	return guards
}

// actStatus is an act with what came of it.
type actStatus struct {
	At      time.Time `json:"at"`
	Rule    string    `json:"rule"`
	Outcome string    `json:"outcome"`
	Killed  bool      `json:"killed,omitempty"`
}

func lastActOf(l *acts.Ledger) *actStatus {
	last := l.Last()
	if last == nil {
		return nil
	}
	return &actStatus{last.Done.UTC(), last.Rule, last.Outcome.Word(), last.Killed}
}

// status shows the last verdict of each monitor in full; null before the first
// check.
func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	body := map[string]*monitorStatus{}
	for name, st := range s.shown() {
		body[name] = nil
		if st.last == nil {
			continue
		}
		verdict, err := st.last.AppendJSON(nil, name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body[name] = &monitorStatus{Verdict: verdict, Steps: st.last.Steps, Guards: guardsOf(st.last.Guards), Hazards: st.hazards,
			Acts: st.acts.Count(), LastAct: lastActOf(&st.acts)}
	}
	s.writeJSON(w, http.StatusOK, body)
}

// shown are the last verdicts of all monitors, nil before the first check, with the
// hazards. What was given once is never changed.
func (s *Server) shown() map[string]status {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]status{}
	for name, st := range s.monitors {
		all[name] = status{last: st.last, hazards: st.hazards, acts: st.acts}
	}
	return all
}

// writeJSON answers without what is secret. It must not be called with the lock: a
// client that reads slowly would stop the monitors.
func (s *Server) writeJSON(w http.ResponseWriter, code int, body any) {
	s.mu.Lock()
	redact := s.redact
	s.mu.Unlock()
	var plain, text bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	clean := plain.Bytes()
	if redact != nil {
		clean = redact(clean)
	}
	if err := errors.Join(err, json.Indent(&text, clean, "", "  ")); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// The client may be gone; there is no one to tell.
	_, _ = w.Write(text.Bytes())
}
