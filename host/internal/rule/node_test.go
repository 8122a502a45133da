package rule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/headwatch/headwatch/host/internal/judge"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
)

// witnessed are the drop-in's rules and catching_up, with two head sources and the
// node's endpoint.
func witnessed() Settings {
	return guarded(func(s *Settings) {
		s.Node, s.NoLog = true, true
		s.CatchingUp = &CatchingUp{Gain: judge.Gain{Window: 5 * time.Minute, Least: 10}, Patience: 10 * time.Minute}
	})
}

// says is an answer of the node's endpoint.
func says(height uint64) Node { return Node{Source: "own", Best: height} }

func syncs(n Node) Node {
	n.Syncing = new(true)
	return n
}

// nightOf is what the node's endpoint and its log say, by minute; a log of height 0 is
// silent.
type nightOf struct {
	settings func(*Settings)
	node     func(m, network uint64) Observation
	log      func(m, network uint64) uint64
	// acts says whether the node is restarted, missing is a part of the last reason.
	acts   bool
	reason string
}

func TestNodeByItsEndpoint(t *testing.T) {
	down := NodeError{Source: "own", Error: "refused"}
	withLog := func(s *Settings) { s.NoLog = false }
	follows := func(_, network uint64) uint64 { return network }
	nights := map[string]nightOf{
		"well":   {node: func(_, network uint64) Observation { return says(network) }, reason: "fully caught up"},
		"wedged": {node: func(m, network uint64) Observation { return says(network - 10*(max(m, 10)-10)) }, acts: true},
		"wedged and says that it syncs": {node: func(m, network uint64) Observation {
			if m < 10 {
				return says(network)
			}
			return syncs(says(network - 10*(m-10)))
		}, acts: true},
		"syncs": {node: func(m, network uint64) Observation { return syncs(says(network - 5000 + 60*m)) }},
		"syncs a state, and has no block": {node: func(m, _ uint64) Observation {
			n := syncs(says(0))
			n.Progress = new(m)
			return n
		}, reason: "the node has no block yet"},
		"syncs in stages, and has an old block": {node: func(m, network uint64) Observation {
			n := syncs(says(5000))
			n.Progress = new(1000 * m)
			return n
		}},
		"down from the first":      {node: func(uint64, uint64) Observation { return down }, reason: "the node's endpoint has not answered in this run: refused"},
		"down":                     {node: func(m, network uint64) Observation { return either(m < 10, says(network), down) }, reason: "refused"},
		"answers now and then":     {node: func(m, network uint64) Observation { return either(m%3 == 0, says(network), down) }},
		"lies low":                 {node: func(m, network uint64) Observation { return either(m < 10, says(network), says(7)) }, reason: "it is not believed"},
		"lies low now and then":    {node: func(m, network uint64) Observation { return either(m%5 != 4, says(network), says(7)) }},
		"lies high once":           {node: func(m, network uint64) Observation { return either(m != 10, says(network), says(1<<40)) }, reason: "fully caught up"},
		"of another chain":         {node: func(m, network uint64) Observation { return Node{Best: 7, Chain: "other"} }, settings: func(s *Settings) { s.Judge.Chain = "this" }, reason: "it is on chain other"},
		"of another, by the heads": {node: func(m, network uint64) Observation { return Node{Best: 7, Chain: "other"} }, reason: "no usable head"},

		"log wedged, endpoint well": {settings: withLog, node: func(_, network uint64) Observation { return says(network) },
			log: func(m, network uint64) uint64 { return network - 10*(max(m, 10)-10) }, reason: "the log and the node's endpoint contradict each other: block "},
		"endpoint wedged, log well": {settings: withLog, node: func(m, network uint64) Observation { return says(network - 10*(max(m, 10)-10)) },
			log: follows, reason: "contradict each other: block "},
		"both wedged": {settings: withLog, node: func(m, network uint64) Observation { return says(network - 10*(max(m, 10)-10)) },
			log: func(m, network uint64) uint64 { return network - 10*(max(m, 10)-10) }, acts: true},
		"log wedged, endpoint down": {settings: withLog, node: func(m, network uint64) Observation { return either(m < 10, says(network), down) },
			log: func(m, network uint64) uint64 { return network - 10*(max(m, 10)-10) }, acts: true},
		"log well, endpoint down": {settings: withLog, node: func(m, network uint64) Observation { return either(m < 10, says(network), down) }, log: follows},
		"log silent, endpoint well": {settings: withLog, node: func(_, network uint64) Observation { return says(network) },
			log: func(uint64, uint64) uint64 { return 0 }, reason: "fully caught up"},
		"neither": {settings: withLog, node: func(uint64, uint64) Observation { return down },
			log: func(uint64, uint64) uint64 { return 0 }, reason: "neither the log nor the node's endpoint tells its block (no synced block in this run's log; the node's endpoint has not answered in this run: refused)"},
		"log says synced, endpoint syncing": {settings: withLog, node: func(_, network uint64) Observation { return syncs(says(network)) }, log: follows,
			reason: "the log says that the node is not syncing, the endpoint that it is syncing"},
	}
	for name, n := range nights {
		t.Run(name, func(t *testing.T) {
			settings := witnessed()
			if n.settings != nil {
				n.settings(&settings)
			}
			acts, v := n.live(settings)
			if (acts > 0) != n.acts || acts > 1 {
				t.Errorf("%d acts", acts)
			}
			if !n.acts && !strings.Contains(v.Reason, n.reason) {
				t.Errorf("got %q, want %q in it", v.Reason, n.reason)
			}
			if said := v.Contradiction != ""; said != (strings.Contains(n.reason, "contradict") || strings.Contains(n.reason, "the endpoint that")) {
				t.Errorf("the contradiction is %q", v.Contradiction)
			}
		})
	}
}

func either(first bool, a, b Observation) Observation {
	if first {
		return a
	}
	return b
}

// live lets an engine see 30 minutes of a network of blocks of six seconds. An act ends
// it: the node is well after that.
func (n nightOf) live(settings Settings) (acts int, v Verdict) {
	e := New(settings)
	e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
	for m := range uint64(30) {
		now, network := Start.Add(time.Duration(m)*time.Minute), 1000000+10*m
		for _, source := range []string{"one", "two"} {
			e.Observe(now, Head{Source: source, Best: network, Endpoint: "https://" + source, Chain: "this"})
		}
		e.Observe(now, n.node(m, network))
		if n.log != nil {
			if height := n.log(m, network); height > 0 {
				e.Observe(now, Said(now, Event{Kind: BlockBest, Number: height}, Event{Kind: NotMajorSync}))
			}
		}
		if v = e.Check(now); v.Kind == Act {
			return acts + 1, v
		}
	}
	return acts, v
}

// What the node's endpoint says ends with the run that it said it in.
func TestNewRunKnowsNoNode(t *testing.T) {
	settings := witnessed()
	e := New(settings)
	e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
	e.Observe(Start, Head{Source: "one", Best: 1000})
	e.Observe(Start, Node{Best: 1000, Peers: new(uint64(7)), Syncing: new(false), Finalized: new(uint64(998))})
	v := e.Check(Start)
	for name, want := range map[string]string{"node_best": "1000", "node_peers": "7", "node_syncing": "false", "node_age": "0", "synced": "1000", "finalized": "998",
		"major_sync": "false", "producing": "false", "log_age": "unknown"} {
		if got := v.Facts.Get(name).String(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	e.Observe(At(30), Target{Exists: true, Running: true, StartedAt: At(20)})
	v = e.Check(At(30))
	for _, name := range []string{"node_best", "node_peers", "node_syncing", "node_age", "synced"} {
		if f := v.Facts.Get(name); f.Known {
			t.Errorf("%s is %s in a new run", name, f)
		}
	}
}
