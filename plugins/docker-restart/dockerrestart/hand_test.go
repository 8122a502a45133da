package dockerrestart

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/claim"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

func TestAsksForEnd(t *testing.T) {
	for _, test := range []struct {
		signal string
		stop   string
		want   bool
	}{
		{"15", "", true}, {"9", "", true}, {"2", "", true}, {"3", "", true}, {"", "", true},
		{"1", "", false}, {"10", "", false}, {"12", "", false}, {"28", "", false},
		{"10", "SIGUSR1", true}, {"1", "HUP", true}, {"12", "12", true}, {"10", "SIGTERM", false},
	} {
		if got := asksForEnd(test.signal, test.stop, ""); got != test.want {
			t.Errorf("signal %q of a container that is stopped by %q: %v, want %v", test.signal, test.stop, got, test.want)
		}
	}
}

// heardAll is a history that has heard these events.
func heardAll(f *fakeDocker, events ...docker.Event) *history {
	h := newHistory(f)
	h.begin()
	for _, one := range events {
		h.hear(one)
	}
	return h
}

func TestUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(24 * time.Hour)
		now := time.Now()
		say := func(ago time.Duration, one docker.Event) docker.Event {
			one.At = now.Add(-ago)
			if one.ID == "" {
				one.ID, one.Name = "cafe", "node"
			}
			return one
		}
		kill := func(ago time.Duration, signal string) docker.Event {
			return say(ago, docker.Event{Action: "kill", Signal: signal})
		}
		started := func(ago time.Duration) docker.Container {
			return docker.Container{ID: "cafe", Name: "node", Status: docker.Running, StartedAt: now.Add(-ago)}
		}
		slow, usr1 := started(time.Hour), started(time.Hour)
		slow.StopTimeout, usr1.StopSignal = new(1800), "SIGUSR1"
		ours := claim.Claim{Run: now.Add(-time.Hour), From: now.Add(-time.Minute), Until: now.Add(-58 * time.Second)}
		for name, test := range map[string]struct {
			c      docker.Container
			ours   claim.Claim
			events []docker.Event
			want   string
		}{
			"nothing":                         {started(time.Hour), claim.Claim{}, nil, ""},
			"a stop":                          {started(time.Hour), claim.Claim{}, []docker.Event{kill(5*time.Second, "15")}, "somebody is stopping it"},
			"a stop of nine minutes ago":      {started(time.Hour), claim.Claim{}, []docker.Event{kill(9*time.Minute, "15")}, "somebody is stopping it"},
			"a stop of eleven minutes ago":    {started(time.Hour), claim.Claim{}, []docker.Event{kill(11*time.Minute, "15")}, ""},
			"the same where it has longer":    {slow, claim.Claim{}, []docker.Event{kill(31*time.Minute, "15")}, "somebody is stopping it"},
			"a stop of the run before":        {started(time.Second), claim.Claim{}, []docker.Event{kill(5*time.Second, "15"), say(3*time.Second, docker.Event{Action: "die"})}, ""},
			"a stop of another":               {started(time.Hour), claim.Claim{}, []docker.Event{say(time.Second, docker.Event{ID: "beef", Name: "other", Action: "kill", Signal: "15"})}, ""},
			"a reload":                        {started(time.Hour), claim.Claim{}, []docker.Event{kill(5*time.Second, "1"), kill(4*time.Second, "10"), kill(3*time.Second, "12")}, ""},
			"a signal that stops it":          {usr1, claim.Claim{}, []docker.Event{kill(5*time.Second, "10")}, "somebody is stopping it"},
			"an act of ours":                  {started(time.Hour), ours, []docker.Event{kill(59*time.Second, "15")}, ""},
			"an act of ours and somebody's":   {started(time.Hour), ours, []docker.Event{kill(59*time.Second, "15"), kill(30*time.Second, "15")}, "somebody is stopping it"},
			"settings changed":                {started(time.Hour), claim.Claim{}, []docker.Event{say(30*time.Second, docker.Event{Action: "update"})}, "somebody has changed its settings"},
			"settings changed a while ago":    {started(time.Hour), claim.Claim{}, []docker.Event{say(2*time.Minute, docker.Event{Action: "update"})}, ""},
			"renamed":                         {started(time.Hour), claim.Claim{}, []docker.Event{say(30*time.Second, docker.Event{Action: "rename", OldName: "before"})}, "somebody is replacing it: renamed"},
			"its name was taken from another": {started(time.Hour), claim.Claim{}, []docker.Event{say(30*time.Second, docker.Event{ID: "beef", Name: "node-old", OldName: "node", Action: "rename"})}, "somebody is replacing it: renamed"},
			"renamed a while ago":             {started(time.Hour), claim.Claim{}, []docker.Event{say(2*time.Minute, docker.Event{Action: "rename", OldName: "before"})}, ""},
			"its namesake was removed":        {started(time.Hour), claim.Claim{}, []docker.Event{say(30*time.Second, docker.Event{ID: "beef", Name: "node", Action: "destroy"})}, "somebody is replacing it: its namesake was removed"},
			"replaced, and started since":     {started(10 * time.Second), claim.Claim{}, []docker.Event{say(30*time.Second, docker.Event{ID: "beef", Name: "node", Action: "destroy"}), say(20*time.Second, docker.Event{Action: "rename", OldName: "new"})}, ""},
		} {
			h := heardAll(newFakeDocker(), test.events...)
			if got := h.underWay(test.c, test.ours); !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
				t.Errorf("%s: got %q, want %q", name, got, test.want)
			}
		}
	})
}

func TestExitedByItself(t *testing.T) {
	start := engineTime("2026-11-22T13:00:00Z")
	end := start.Add(time.Hour)
	say := func(action, signal string) docker.Event {
		return docker.Event{ID: "cafe", Action: action, Signal: signal, At: start.Add(time.Minute)}
	}
	born := docker.Event{ID: "cafe", Action: "start", At: start.Add(time.Millisecond)}
	die := docker.Event{ID: "cafe", Action: "die", At: end}
	stopped := docker.Event{ID: "cafe", Action: "stop", At: end.Add(time.Millisecond)}
	const whole = -time.Minute // the watch began after the run
	for name, test := range map[string]struct {
		watched time.Duration // before the end
		events  []docker.Event
		code    int
		oom     bool
		want    bool
	}{
		"seen from the start":    {whole, []docker.Event{born, die}, 1, false, true},
		"not seen":               {whole, nil, 1, false, false},
		"start not seen":         {time.Minute, []docker.Event{die}, 1, false, false},
		"watched for long":       {time.Hour, []docker.Event{die}, 1, false, true},
		"stopped":                {whole, []docker.Event{born, say("kill", "15"), die, stopped}, 0, false, false},
		"stop told late":         {whole, []docker.Event{born, die, stopped}, 0, false, false},
		"killed":                 {whole, []docker.Event{born, say("kill", "9"), die}, 137, false, false},
		"hung up":                {whole, []docker.Event{born, say("kill", "1"), die}, 1, false, false},
		"told to reopen files":   {whole, []docker.Event{born, say("kill", "10"), die}, 1, false, true},
		"stopped the run before": {whole, []docker.Event{{ID: "cafe", Action: "kill", Signal: "15", At: start.Add(-time.Second)}, born, die}, 1, false, true},
		"no memory":              {whole, []docker.Event{born, say("oom", ""), die}, 137, true, true},
		"signal from outside":    {whole, []docker.Event{born, die}, 143, false, false},
		"exited well":            {whole, []docker.Event{born, die}, 0, false, true},
		"removed":                {whole, []docker.Event{born, die, say("destroy", "")}, 1, false, false},
		"another end":            {whole, []docker.Event{born, {ID: "cafe", Action: "die", At: start.Add(time.Second)}}, 1, false, false},
		"another container":      {whole, []docker.Event{{ID: "beef", Action: "start", At: start.Add(1)}, {ID: "beef", Action: "die", At: end}}, 1, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := heardAll(newFakeDocker(), test.events...)
			h.since = end.Add(-test.watched)
			c := docker.Container{ID: "cafe", Status: docker.Exited, StartedAt: start, FinishedAt: end, ExitCode: test.code, OOMKilled: test.oom}
			if got := h.exitedByItself(c); got != test.want {
				t.Errorf("by itself: %v, want %v", got, test.want)
			}
			h.breakOff(nil)
			if test.want && h.exitedByItself(c) {
				t.Error("still certain after the events broke off")
			}
		})
	}
}

func TestHistoryIsBounded(t *testing.T) {
	h := newHistory(newFakeDocker())
	h.begin()
	at := engineTime("2026-11-22T13:00:00Z")
	for k := range 3 * keptEvents {
		one := docker.Event{ID: "cafe", Action: "kill", Signal: "15", At: at.Add(time.Duration(k))}
		h.hear(one)
		h.hear(one) // once more, as a second watch does
		h.hear(docker.Event{ID: "cafe", Action: "rename", At: one.At})
	}
	if n := len(h.byID["cafe"]); n != keptEvents {
		t.Errorf("%d events are kept, want %d", n, keptEvents)
	}
	if len(h.names) != keptNames {
		t.Errorf("%d names are kept, want %d", len(h.names), keptNames)
	}
	h.hear(docker.Event{ID: "cafe", Action: "destroy", At: at})
	if len(h.byID) != 0 {
		t.Error("events of a removed container are kept")
	}
}

// TestAskHearsUpToNow asks an engine whose clock is known to the second only.
func TestAskHearsUpToNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
			f := newFakeDocker()
			f.ahead, f.spread = ahead, 500*time.Millisecond
			f.tell("kill", "15", nil)
			f.ahead -= 450 * time.Millisecond // what is believed of it
			all, err := newHistory(f).ask(t.Context(), f.now())
			if err != nil || len(all) != 2 {
				t.Errorf("%s ahead: heard %v (%v), want both events", ahead, all, err)
			}
		}
	})
}

// TestStopFacts: a stop begins with the first signal that asks for an end, and not
// with one that a program reloads by.
func TestStopFacts(t *testing.T) {
	start := engineTime("2026-11-22T13:00:00Z")
	at := func(after time.Duration, action, signal string) docker.Event {
		return docker.Event{ID: "cafe", Action: action, Signal: signal, At: start.Add(after)}
	}
	for name, test := range map[string]struct {
		events     []docker.Event
		stopSignal string
		took       time.Duration
		killed     bool
	}{
		"a stop":                   {[]docker.Event{at(60*time.Second, "kill", "15"), at(61*time.Second, "die", "")}, "", time.Second, false},
		"killed at last":           {[]docker.Event{at(60*time.Second, "kill", "15"), at(70*time.Second, "kill", "9"), at(71*time.Second, "die", "")}, "", 11 * time.Second, true},
		"reloaded before":          {[]docker.Event{at(time.Second, "kill", "10"), at(60*time.Second, "kill", "15"), at(61*time.Second, "die", "")}, "", time.Second, false},
		"stopped by that signal":   {[]docker.Event{at(60*time.Second, "kill", "10"), at(62*time.Second, "die", "")}, "SIGUSR1", 2 * time.Second, false},
		"ended without being told": {[]docker.Event{at(61*time.Second, "die", "")}, "", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := heardAll(newFakeDocker(), test.events...).stopFacts("cafe", start, test.stopSignal)
			if got.took != test.took || got.killed != test.killed {
				t.Errorf("took %s, killed %v; want %s, %v", got.took, got.killed, test.took, test.killed)
			}
		})
	}
}
