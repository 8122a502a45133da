package httpserver

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/explain"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// behind is a check of a node that is so many blocks behind.
func behind(s *Server, name string, at time.Time, lag uint64) rule.Verdict {
	e := rule.New(rule.Settings{Name: "azero", Interval: interval, MaxAge: time.Hour,
		Severe: ruleset.BlockLag{Switch: ruleset.Switch{Enabled: true}, Threshold: ruleset.Threshold{LagAbove: 100}}})
	e.Observe(at, rule.Log{Lines: 1, Last: at, Events: []nodelog.Event{{Time: at, Kind: nodelog.BlockImported, Number: 1000}}})
	e.Observe(at, rule.Head{Source: "one", Best: 1000 + lag, Endpoint: "https://host/secret?key=1"})
	before := e.Clone()
	v := e.Check(at)
	s.Checked(monitor.Check{Monitor: name, Before: before, Verdict: v})
	return v
}

func explained(t *testing.T, body string) explain.Explanation {
	t.Helper()
	var x explain.Explanation
	if err := json.Unmarshal([]byte(body), &x); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return x
}

func TestExplainTheNewestVerdict(t *testing.T) {
	s := serving("aleph", "new")
	behind(s, "aleph", noon, 101)
	behind(s, "aleph", noon.Add(interval), 3)
	behind(s, "gone", noon, 3)
	s.Watch(intervals("aleph", "new"), 0) // a configuration that was read anew
	tests := []struct {
		path, verdict string
		at            time.Time
		lag           float64
	}{
		{"/api/v1/monitors/aleph/verdict", "ok", noon.Add(interval), 3},
		{"/api/v1/monitors/aleph/verdict?verdict=ok", "ok", noon.Add(interval), 3},
		{"/api/v1/monitors/aleph/verdict?verdict=act", "act", noon, 101},
	}
	for _, test := range tests {
		code, body := get(t, s, test.path)
		x := explained(t, body)
		var facts map[string]any
		if err := json.Unmarshal(x.Facts, &facts); err != nil {
			t.Fatal(err)
		}
		if code != 200 || string(x.Verdict) != test.verdict || !x.T.Equal(test.at) || facts["lag"] != test.lag || len(x.Changes) == 0 {
			t.Errorf("%s is %d: %s", test.path, code, body)
		}
		if strings.Contains(body, "secret") || !strings.Contains(body, `"https://host"`) || strings.Contains(body, `\u00`) {
			t.Errorf("%s shows %s", test.path, body)
		}
	}
}

// TestSecretsAreNotShown: what the redactor takes out, and nothing else.
func TestSecretsAreNotShown(t *testing.T) {
	s := serving("aleph")
	s.Redact(func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("hunter2"), []byte("[hidden]")) })
	e := rule.New(rule.Settings{Name: "azero", Interval: interval})
	e.Observe(noon, rule.HeadError{Source: "one", Error: "key hunter2 is refused (>100)"})
	before := e.Clone()
	v := e.Check(noon)
	s.Checked(monitor.Check{Monitor: "aleph", Before: before, Verdict: v})
	for _, path := range []string{"/api/v1/monitors", "/api/v1/monitors/aleph/verdict", "/status"} {
		if code, body := get(t, s, path); code != 200 || strings.Contains(body, "hunter2") || !strings.Contains(body, "key [hidden] is refused (>100)") {
			t.Errorf("%s is %d: %s", path, code, body)
		}
	}
	if code, body := get(t, s, "/readyz"); code != 503 || strings.Contains(body, "hunter2") || !strings.Contains(body, "key [hidden] is refused (>100)") {
		t.Errorf("/readyz is %d: %s", code, body)
	}
}

func TestNothingToExplain(t *testing.T) {
	s := serving("aleph", "new")
	behind(s, "aleph", noon, 3)
	tests := []struct {
		path string
		code int
		want Refusal
	}{
		{"/api/v1/monitors/alef/verdict", 404, Refusal{Error: `no monitor "alef"`, Monitors: []string{"aleph", "new"}}},
		{"/api/v1/monitors/new/verdict", 503, Refusal{Error: `monitor "new" has made no check yet`}},
		{"/api/v1/monitors/aleph/verdict?verdict=bad", 400, Refusal{Error: `no verdict is called "bad": ask for one of [ok act held unknown]`}},
		{"/api/v1/monitors/aleph/verdict?verdict=act", 404, Refusal{Error: `no check of monitor "aleph" has come to "act" since this host began`}},
	}
	for _, test := range tests {
		code, body := get(t, s, test.path)
		var got Refusal
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if diff := cmp.Diff(test.want, got); code != test.code || diff != "" {
			t.Errorf("%s is %d, want %d (-want +got):\n%s", test.path, code, test.code, diff)
		}
	}
}

func TestListMonitors(t *testing.T) {
	s := serving("new", "aleph")
	v := behind(s, "aleph", noon, 3)
	code, body := get(t, s, "/api/v1/monitors")
	var got MonitorList
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	want := MonitorList{Monitors: []MonitorLine{
		{Monitor: "aleph", Interval: 60, T: noon, Verdict: rule.OK, Reason: v.Reason},
		{Monitor: "new", Interval: 60},
	}}
	if diff := cmp.Diff(want, got); code != 200 || diff != "" {
		t.Errorf("the list is %d (-want +got):\n%s", code, diff)
	}
}
