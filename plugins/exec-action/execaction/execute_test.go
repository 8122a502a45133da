package execaction

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// restarts is a script that begins a new run.
const restarts = `echo one; echo two >&2; echo '{"running": true, "started_at": "2025-01-01T00:00:09Z"}' >state.part && mv state.part state; `

func TestExecute(t *testing.T) {
	tests := []struct {
		name   string
		act    string
		change func(*Config, *sdk.Request, *stand)
		want   sdk.Outcome
		detail string // its beginning
		ran    bool
	}{
		{"done", restarts, nil, sdk.Done, "act ended with exit code 0: one | two", true},
		{"done in spite of its exit code", restarts + "exit 3", nil, sdk.Done, "act ended with exit code 3: one | two", true},
		{"failed", "echo no such unit >&2; exit 5", nil, sdk.Failed, "act ended with exit code 5: no such unit", true},
		{"ended by a signal", "kill -9 $$", nil, sdk.Failed, "act was ended by signal killed", true},
		{"did nothing", "true", short, sdk.Failed, "act ended with exit code 0; the target still has the same run", true},
		{"stopped it only", `echo '{"running": false, "started_at": 1735689601}' >state`, short, sdk.Failed, "act ended with exit code 0; the target does not run", true},
		{"came up and went", `echo '{"running": false, "started_at": 1735689609}' >state`, short, sdk.Failed, "act ended with exit code 0; it has begun another run, which does not go on", true},
		{"removed it", `echo '{"exists": false}' >state`, short, sdk.Failed, "act ended with exit code 0; the target is gone", true},
		{"state lost", `echo nonsense >state`, short, sdk.Unknown, "act ended with exit code 0; the target's state cannot be read: inspect answered no JSON object", true},
		{"took too long", "echo going; exec sleep 1000", func(c *Config, r *sdk.Request, s *stand) {
			c.ActTimeout = 100 * time.Millisecond
			short(c, r, s)
		}, sdk.Unknown, "act took longer than 100ms and was killed: going; the target still has the same run", true},

		{"dry run", restarts, func(_ *Config, r *sdk.Request, _ *stand) { r.DryRun = true }, sdk.NotDone, "dry run: would run: /bin/sh -c", false},
		{"absent", restarts, func(_ *Config, _ *sdk.Request, s *stand) { s.write("state", `{"exists": false}`) }, sdk.NotDone, "there is no such target", false},
		{"stopped", restarts, func(_ *Config, _ *sdk.Request, s *stand) {
			s.write("state", `{"running": false, "started_at": 1735689601}`)
		}, sdk.NotDone, "it does not run, and somebody may have stopped it", false},
		{"stopped and may start", restarts, func(_ *Config, _ *sdk.Request, s *stand) {
			s.write("state", `{"running": false, "started_at": 1735689601, "may_start": true}`)
		}, sdk.Done, "act ended with exit code 0", true},
		{"paused", restarts, func(_ *Config, _ *sdk.Request, s *stand) {
			s.write("state", `{"running": true, "paused": true, "started_at": 1735689601}`)
		}, sdk.NotDone, "it is paused", false},
		{"restarting", restarts, func(_ *Config, _ *sdk.Request, s *stand) {
			s.write("state", `{"running": true, "restarting": true, "started_at": 1735689601}`)
		}, sdk.NotDone, "it is being restarted already", false},
		{"refused", restarts, func(_ *Config, _ *sdk.Request, s *stand) {
			s.write("state", `{"running": true, "refuse": "a backup is made", "started_at": 1735689601}`)
		}, sdk.NotDone, "a backup is made", false},
		{"another run", restarts, func(_ *Config, _ *sdk.Request, s *stand) { s.run("2025-01-01T00:00:02Z") }, sdk.NotDone, "it has begun another run since, at 2025-01-01T00:00:02Z", false},
		{"another target", restarts, func(_ *Config, r *sdk.Request, _ *stand) { r.TargetID = "other" }, sdk.NotDone, `it is another target now, "node"`, false},
		{"unreadable", restarts, func(_ *Config, _ *sdk.Request, s *stand) { s.write("state", "{") }, sdk.NotDone, "the target's state cannot be read: inspect answered", false},
		{"folder of others", restarts, func(c *Config, _ *sdk.Request, s *stand) {
			if err := os.Mkdir(c.StateDir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(c.StateDir, 0o777); err != nil {
				t.Fatal(err)
			}
		}, sdk.NotDone, "the folder for begun acts, ", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStand(t)
			c, r := s.config("touch ran; "+test.act), request("a")
			if test.change != nil {
				test.change(&c, &r, s)
			}
			got, err := s.plugin(c).Execute(t.Context(), aTarget, r)
			if err != nil || got.Outcome != test.want || !strings.HasPrefix(got.Detail, test.detail) {
				t.Errorf("got %v %q, error %v; want %v %q", got.Outcome, got.Detail, err, test.want, test.detail)
			}
			if s.has("ran") != test.ran {
				t.Errorf("the command ran: %v, want %v", s.has("ran"), test.ran)
			}
			if test.want == sdk.Done && !got.StartedAt.Equal(time.Date(2025, 1, 1, 0, 0, 9, 0, time.UTC)) {
				t.Errorf("got start %v", got.StartedAt)
			}
		})
	}
}

func short(c *Config, _ *sdk.Request, _ *stand) { c.SettleTimeout = time.Millisecond }

// A request is carried out once, also by the process that follows one that died
// in the middle of it.
func TestOnceForEachRequest(t *testing.T) {
	s := newStand(t)
	c := s.config("echo ran >>count; " + restarts)
	first, err := s.plugin(c).Execute(t.Context(), aTarget, request("a"))
	if err != nil || first.Outcome != sdk.Done {
		t.Fatalf("got %+v, error %v", first, err)
	}
	s.run("2025-01-01T00:00:01Z") // as if it had not been restarted
	c.ActTimeout, c.SettleTimeout = time.Nanosecond, time.Nanosecond
	for _, resume := range []bool{false, true} {
		r := request("a")
		r.Resume = resume
		again, err := s.plugin(c).Execute(t.Context(), aTarget, r)
		if err != nil || again.Outcome != sdk.Failed || again.Detail != "act was begun, and how it ended was not seen: one | two; the target still has the same run" {
			t.Errorf("resume %v: got %+v, error %v", resume, again, err)
		}
	}
	if got := s.read("count"); got != "ran\n" {
		t.Errorf("the command ran %d times", strings.Count(got, "ran"))
	}
}

func TestResumeOfWhatWasNeverBegun(t *testing.T) {
	s := newStand(t)
	r := request("a")
	r.Resume = true
	got, err := s.plugin(s.config("touch ran")).Execute(t.Context(), aTarget, r)
	if err != nil || got.Outcome != sdk.NotDone || got.Detail != "the act was never begun" || s.has("ran") {
		t.Errorf("got %+v, error %v", got, err)
	}
}

// A command that still runs when the next process is asked is waited for.
func TestResumeWhileTheCommandRuns(t *testing.T) {
	s := newStand(t)
	begun, goOn := s.fifo("begun"), s.fifo("go")
	c := s.config("echo yes >begun; read word <go; " + restarts)
	done := make(chan sdk.Result)
	go func() {
		result, _ := s.plugin(c).Execute(t.Context(), aTarget, request("a"))
		done <- result
	}()
	begun.readLine()
	r := request("a")
	r.Resume = true
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// The host's patience is over at once.
	next := s.plugin(c)
	got, err := next.Execute(ctx, aTarget, r)
	if err == nil && got.Outcome != sdk.Unknown {
		t.Errorf("got %+v while the command runs", got)
	}
	goOn.write("word\n")
	if got := <-done; got.Outcome != sdk.Done {
		t.Errorf("got %+v", got)
	}
	got, err = next.Execute(t.Context(), aTarget, r)
	if err != nil || got.Outcome != sdk.Done || !strings.HasPrefix(got.Detail, "act was begun, and how it ended was not seen") {
		t.Errorf("got %+v, error %v", got, err)
	}
}

// A command that nobody watches any more is ended when its time is over.
func TestResumeEndsWhatTakesTooLong(t *testing.T) {
	s := newStand(t)
	begun := s.fifo("begun")
	c := s.config("echo yes >begun; exec sleep 1000")
	c.SettleTimeout = time.Millisecond
	done := make(chan sdk.Result)
	go func() {
		result, _ := s.plugin(c).Execute(t.Context(), aTarget, request("a"))
		done <- result
	}()
	begun.readLine()
	r := request("a")
	r.Resume, r.AskedAt = true, r.AskedAt.Add(-time.Hour)
	next := s.plugin(c)
	got, err := next.Execute(t.Context(), aTarget, r)
	if err != nil || got.Outcome != sdk.Unknown || !strings.HasSuffix(got.Detail, "the target still has the same run") {
		t.Errorf("got %+v, error %v", got, err)
	}
	if got := <-done; got.Outcome != sdk.Failed || got.Detail != "act was ended by signal killed" {
		t.Errorf("got %+v", got)
	}
	got, err = next.Execute(t.Context(), aTarget, r)
	if err != nil || got.Outcome != sdk.Failed {
		t.Errorf("got %+v, error %v", got, err)
	}
}

// The host may give up: the act goes on to its end.
func TestActOutlivesThePatienceOfTheHost(t *testing.T) {
	s := newStand(t)
	begun, goOn := s.fifo("begun"), s.fifo("go")
	p := s.plugin(s.config("echo yes >begun; read word <go; " + restarts))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan sdk.Result)
	go func() {
		result, _ := p.Execute(ctx, aTarget, request("a"))
		done <- result
	}()
	begun.readLine()
	cancel()
	goOn.write("word\n")
	if got := <-done; got.Outcome != sdk.Done {
		t.Errorf("got %+v", got)
	}
}

// When its time is over the whole group ends, also what the command has left in
// the background.
func TestTheWholeGroupIsKilled(t *testing.T) {
	s := newStand(t)
	held := s.fifo("held")
	c := s.config(`trap "" TERM; (trap "" TERM; exec sleep 1000 >held) & echo begun >held; sleep 1000`)
	c.ActTimeout, c.SettleTimeout = 100*time.Millisecond, time.Millisecond
	done := make(chan sdk.Result)
	go func() {
		p := s.plugin(c)
		p.grace = 10 * time.Millisecond
		result, _ := p.Execute(t.Context(), aTarget, request("a"))
		done <- result
	}()
	held.readLine()
	held.readEnd() // nobody is left to write
	if got := <-done; got.Outcome != sdk.Unknown || !strings.HasPrefix(got.Detail, "act took longer than 100ms and was killed") {
		t.Errorf("got %+v", got)
	}
}

// A script may start the node itself: what it leaves in the background lives on.
func TestWhatAnActStartsLivesOn(t *testing.T) {
	s := newStand(t)
	held := s.fifo("held")
	p := s.plugin(s.config(restarts + `(read word <go; echo alive >held) & `))
	goOn := s.fifo("go")
	if got, err := p.Execute(t.Context(), aTarget, request("a")); err != nil || got.Outcome != sdk.Done {
		t.Fatalf("got %+v, error %v", got, err)
	}
	goOn.write("word\n")
	if got := held.readLine(); got != "alive\n" {
		t.Errorf("got %q", got)
	}
}

// The output is bounded, in memory and on the disk.
func TestOutputOfAnActIsBounded(t *testing.T) {
	s := newStand(t)
	c := s.config(`head -c 3000000 /dev/zero | tr '\0' 'x'; echo; echo last; ` + restarts)
	got, err := s.plugin(c).Execute(t.Context(), aTarget, request("a"))
	if err != nil || got.Outcome != sdk.Done || len(got.Detail) > 2*mostQuoted || !strings.HasSuffix(got.Detail, "last | one | two") {
		t.Errorf("got %d bytes of detail: %.80q, error %v", len(got.Detail), got.Detail, err)
	}
}

func TestErrorsOfExecute(t *testing.T) {
	s := newStand(t)
	c := s.config("")
	c.Shell, c.Act, c.Inspect = false, []string{"true", "{unit}"}, []string{"cat", "state"}
	_, err := s.plugin(c).Execute(t.Context(), aTarget, request("a"))
	var e *sdk.Error
	if !errors.As(err, &e) || e.Code() != codes.InvalidArgument || err.Error() != "argument 1 of act holds {unit}, which the target does not say: add it to its values" {
		t.Errorf("got error %v", err)
	}
}

// A link in the place of a claim is not followed.
func TestClaimThroughALink(t *testing.T) {
	s := newStand(t)
	c := s.config("touch ran")
	p := s.plugin(c)
	if err := p.claims.open(); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(s.dir, "elsewhere"), p.claims.path("a", "out")); err != nil {
		t.Fatal(err)
	}
	got, err := p.Execute(t.Context(), aTarget, request("a"))
	if err != nil || got.Outcome != sdk.NotDone || s.has("ran") || s.has("elsewhere") {
		t.Errorf("got %+v, error %v", got, err)
	}
}

func TestHazardForbidsAnAct(t *testing.T) {
	s := sdk.State{Exists: true, Running: true, Hazards: []sdk.Hazard{{ID: "no_disk", Level: sdk.HazardRefuse, What: "the disk is away", Mend: "mount it"}}}
	for name, test := range map[string]struct {
		request sdk.Request
		want    string
	}{
		"no preflight": {sdk.Request{}, ""},
		"preflight":    {sdk.Request{Preflight: true}, "preflight: the disk is away (no_disk); to mend it, mount it"},
		"allowed":      {sdk.Request{Preflight: true, AllowedHazards: []string{"no_disk"}}, ""},
	} {
		if got := objection(s, test.request); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
