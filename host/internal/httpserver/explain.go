package httpserver

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/explain"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// check is one check that can be explained.
type check struct {
	before  *rule.Engine
	verdict rule.Verdict
}

// examined are the newest check of a monitor, and the newest of each verdict.
type examined struct {
	last *check
	by   map[rule.VerdictKind]*check
}

// add keeps a check, so that it can be explained.
func (e *examined) add(c *check) {
	if e.by == nil {
		e.by = map[rule.VerdictKind]*check{}
	}
	e.last, e.by[c.verdict.Kind] = c, c
}

// MonitorList is the body of /api/v1/monitors, by name.
type MonitorList struct {
	Monitors []MonitorLine `json:"monitors"`
}

// MonitorLine is one monitor of the list.
type MonitorLine struct {
	Monitor  string  `json:"monitor"`
	Interval float64 `json:"interval"`
	// T is when the last check was made; it and what follows are left out
	// before the first.
	T       time.Time        `json:"t,omitzero"`
	Verdict rule.VerdictKind `json:"verdict,omitempty"`
	Rule    string           `json:"rule,omitempty"`
	Reason  string           `json:"reason,omitempty"`
}

// Refusal is the body of an answer that is an error.
type Refusal struct {
	Error string `json:"error"`
	// Monitors are those that there are, where another one was asked for.
	Monitors []string `json:"monitors,omitempty"`
}

// listMonitors answers with each monitor's last verdict in a line.
func (s *Server) listMonitors(w http.ResponseWriter, _ *http.Request) {
	s.writeJSON(w, http.StatusOK, s.list())
}

func (s *Server) list() MonitorList {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := MonitorList{Monitors: []MonitorLine{}}
	for _, name := range slices.Sorted(maps.Keys(s.monitors)) {
		st := s.monitors[name]
		line := MonitorLine{Monitor: name, Interval: st.interval.Seconds()}
		if v := st.last; v != nil {
			line.T, line.Verdict, line.Rule, line.Reason = v.Time.Round(0).UTC(), v.Kind, v.Rule, v.Reason
		}
		list.Monitors = append(list.Monitors, line)
	}
	return list
}

// explain answers with the explanation of a monitor's last verdict, or of its
// last one of the kind that ?verdict= says.
func (s *Server) explain(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("monitor")
	found, code, refusal := s.find(name, rule.VerdictKind(r.URL.Query().Get("verdict")))
	if found == nil {
		s.writeJSON(w, code, refusal)
		return
	}
	s.explaining.Lock()
	x, err := explain.Verdict(name, found.before, found.verdict)
	s.explaining.Unlock()
	if err != nil {
		s.writeJSON(w, http.StatusInternalServerError, Refusal{Error: err.Error()})
		return
	}
	s.writeJSON(w, http.StatusOK, x)
}

// find looks up a check; where there is none the code and the refusal say why.
func (s *Server) find(name string, kind rule.VerdictKind) (*check, int, Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.monitors[name]
	switch {
	case !ok:
		return nil, http.StatusNotFound, Refusal{Error: fmt.Sprintf("no monitor %q", name), Monitors: slices.Sorted(maps.Keys(s.monitors))}
	case st.examined.last == nil:
		return nil, http.StatusServiceUnavailable, Refusal{Error: fmt.Sprintf("monitor %q has made no check yet", name)}
	case kind == "":
		return st.examined.last, 0, Refusal{}
	case !slices.Contains(rule.VerdictKinds(), kind):
		return nil, http.StatusBadRequest, Refusal{Error: fmt.Sprintf("no verdict is called %q: ask for one of %v", kind, rule.VerdictKinds())}
	case st.examined.by[kind] == nil:
		return nil, http.StatusNotFound, Refusal{Error: fmt.Sprintf("no check of monitor %q has come to %q since this host began", name, kind)}
	}
	return st.examined.by[kind], 0, Refusal{}
}
