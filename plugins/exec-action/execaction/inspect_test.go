package execaction

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

func at(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func TestReadJSON(t *testing.T) {
	three := 3
	tests := []struct {
		name, text string
		want       sdk.State
		err        string
	}{
		{"runs", `{"running": true, "started_at": "2025-01-01T00:00:01.5Z"}`, sdk.State{Exists: true, Running: true, StartedAt: at("2025-01-01T00:00:01.5Z")}, ""},
		{"everything", `{"exists": true, "running": false, "paused": true, "restarting": true, "id": "i", "name": "n", "started_at": 1735689601,
			"finished_at": "1735689602.25", "exit_code": 3, "oom_killed": true, "notes": ["a", "b"], "may_start": true, "refuse": "no",
			"hazards": [{"id": "no_disk", "level": "warn", "what": "w", "mend": "m"}]}`,
			sdk.State{Exists: true, Paused: true, Restarting: true, ID: "i", Name: "n", StartedAt: at("2025-01-01T00:00:01Z"), FinishedAt: at("2025-01-01T00:00:02.25Z"),
				ExitCode: &three, OOMKilled: true, Notes: []string{"a", "b"}, MayStart: true, Refuse: "no",
				Hazards: []sdk.Hazard{{ID: "no_disk", Level: sdk.HazardWarn, What: "w", Mend: "m"}}}, ""},
		{"a hazard of no id", `{"running": false, "hazards": [{"id": "no disk", "level": "warn", "what": "w", "mend": "m"}]}`, sdk.State{}, `a hazard whose id is "no disk"`},
		{"a hazard of no level", `{"running": false, "hazards": [{"id": "x", "level": "bad", "what": "w", "mend": "m"}]}`, sdk.State{}, `hazard x of level "bad"`},
		{"a hazard of few words", `{"running": false, "hazards": [{"id": "x", "level": "note", "what": "w"}]}`, sdk.State{}, "hazard x without what or mend"},
		{"absent", `{"exists": false}`, sdk.State{}, ""},
		{"zero times", `{"running": false, "started_at": "0001-01-01T00:00:00Z", "finished_at": null}`, sdk.State{Exists: true}, ""},
		{"runs, and may not be started", `{"running": true, "started_at": 1735689601, "may_start": true, "exit_code": 0}`, sdk.State{Exists: true, Running: true, StartedAt: at("2025-01-01T00:00:01Z")}, ""},
		{"microseconds", `{"running": true, "started_at": 1735689601.123456}`, sdk.State{Exists: true, Running: true, StartedAt: at("2025-01-01T00:00:01.123456Z")}, ""},
		{"nothing", ``, sdk.State{}, `no JSON object: ""`},
		{"no running", `{"id": "i"}`, sdk.State{}, `a state without "running"`},
		{"a text", `active`, sdk.State{}, `no JSON object: "active"`},
		{"a list", `[{"running": true}]`, sdk.State{}, `array for ""`},
		{"two", `{"running": false} {"running": true}`, sdk.State{}, "more than one JSON object"},
		{"a typo", `{"runing": true}`, sdk.State{}, `what is no state: json: unknown field "runing"`},
		{"a wrong type", `{"running": "yes"}`, sdk.State{}, `string for "running"`},
		{"no time", `{"running": true, "started_at": "yesterday"}`, sdk.State{}, `what is no state: "yesterday" is no time`},
		{"no time in numbers", `{"running": true, "started_at": -5}`, sdk.State{}, `what is no state: "-5" is no time`},
		{"a time too late", `{"running": true, "started_at": 1e99}`, sdk.State{}, `what is no state: "1e99" is no time`},
		{"a time too long", `{"running": true, "started_at": 99999999999999}`, sdk.State{}, `what is no state: "99999999999999" is no time`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readJSON([]byte(test.text))
			checkState(t, got, err, test.want, test.err)
		})
	}
}

func checkState(t *testing.T, got sdk.State, err error, want sdk.State, wantErr string) {
	t.Helper()
	switch {
	case wantErr != "" && (err == nil || !strings.HasPrefix(err.Error(), wantErr)):
		t.Errorf("got %+v, error %v; want error %s", got, err, wantErr)
	case wantErr == "" && err != nil:
		t.Error(err)
	case wantErr == "":
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
	}
}

func TestReadSystemd(t *testing.T) {
	const loaded = "Id=geth.service\nLoadState=loaded\n"
	started, ended := at("2025-01-01T00:00:01.123456Z"), at("2025-01-01T02:00:00Z")
	code, killed := 1, 137
	const runs = loaded + "MainPID=77\nExecMainStartTimestamp=Wed 2025-01-01 00:00:01.123456 UTC\n"
	const was = loaded + "MainPID=0\nExecMainStartTimestamp=@1735689601.123456\nExecMainExitTimestamp=@1735696800\n"
	state := func(change func(*sdk.State)) sdk.State {
		s := sdk.State{Exists: true, ID: "geth.service", StartedAt: started}
		change(&s)
		return s
	}
	tests := []struct {
		name, text string
		want       sdk.State
		err        string
	}{
		{"active", runs + "ActiveState=active\nSubState=running", state(func(s *sdk.State) { s.Running = true }), ""},
		{"reloading", runs + "ActiveState=reloading\nSubState=reload", state(func(s *sdk.State) { s.Running = true }), ""},
		{"starting, and works", runs + "ActiveState=activating\nSubState=start", state(func(s *sdk.State) { s.Running = true }), ""},
		{"before its start", loaded + "MainPID=0\nExecMainStartTimestamp=\nActiveState=activating\nSubState=start-pre", sdk.State{Exists: true, ID: "geth.service", Restarting: true}, ""},
		{"between two attempts", was + "ActiveState=activating\nSubState=auto-restart", state(func(s *sdk.State) { s.Restarting, s.FinishedAt = true, ended }), ""},
		{"stopping", runs + "ActiveState=deactivating\nSubState=stop-sigterm", state(func(s *sdk.State) { s.Running, s.Restarting = true, true }), ""},
		{"exited", was + "ActiveState=active\nSubState=exited", state(func(s *sdk.State) { s.FinishedAt = ended }), ""},
		{"failed", was + "ActiveState=failed\nSubState=failed\nExecMainCode=1\nExecMainStatus=1", state(func(s *sdk.State) { s.FinishedAt, s.ExitCode = ended, &code }), ""},
		{"out of memory", was + "ActiveState=failed\nSubState=failed\nExecMainCode=2\nExecMainStatus=9\nResult=oom-kill", state(func(s *sdk.State) { s.FinishedAt, s.ExitCode, s.OOMKilled = ended, &killed, true }), ""},
		{"never started", loaded + "MainPID=0\nExecMainStartTimestamp=n/a\nExecMainExitTimestamp=\nExecMainStatus=0\nActiveState=inactive\nSubState=dead", sdk.State{Exists: true, ID: "geth.service"}, ""},
		{"masked", "Id=geth.service\nLoadState=masked\nExecMainStartTimestamp=\nActiveState=inactive", sdk.State{Exists: true, ID: "geth.service", Refuse: "the unit is masked"}, ""},
		{"unknown unit", "Id=gth.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nExecMainStartTimestamp=", sdk.State{}, ""},
		{"another zone", loaded + "ExecMainStartTimestamp=Wed 2025-01-01 01:00:01 CET\nActiveState=active", sdk.State{}, `a stamp that is not in UTC: "Wed 2025-01-01 01:00:01 CET"`},
		{"a new word", runs + "ActiveState=dreaming", sdk.State{}, `an ActiveState that is not known: "dreaming"`},
		{"something else", "active\n", sdk.State{}, `no LoadState, as systemctl show prints it: "active\n"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readSystemd([]byte(test.text))
			checkState(t, got, err, test.want, test.err)
		})
	}
}

func TestInspect(t *testing.T) {
	tests := []struct {
		name    string
		inspect string
		change  func(*Config)
		want    sdk.State
		err     string
		code    codes.Code
	}{
		{"runs", "cat state", nil, sdk.State{Exists: true, Running: true, ID: `node k="v"`, Name: "node", StartedAt: at("2025-01-01T00:00:01Z")}, "", 0},
		{"words for a terminal", `printf %s '{"running": true, "started_at": 1735689601, "name": "a\u001b[31m\nb", "refuse": " no\tway "}'`, nil, sdk.State{Exists: true, Running: true, ID: `node k="v"`, Name: "a [31m b", Refuse: "no way", StartedAt: at("2025-01-01T00:00:01Z")}, "", 0},
		{"absent by its code", "exit 4", func(c *Config) { c.AbsentOn = []string{"3", "4"} }, sdk.State{Name: "node"}, "", 0},
		{"absent by silence", "true", func(c *Config) { c.AbsentOn = []string{"empty"} }, sdk.State{Name: "node"}, "", 0},
		{"absent by its answer", `echo '{"exists": false}'`, nil, sdk.State{Name: "node"}, "", 0},
		{"systemd in UTC", `[ "$TZ" = UTC ] && echo LoadState=not-found && echo ActiveState=inactive && echo ExecMainStartTimestamp=`, func(c *Config) { c.InspectFormat = formatSystemd }, sdk.State{Name: "node"}, "", 0},
		{"silence", "true", nil, sdk.State{}, `inspect answered no JSON object: ""`, codes.Unknown},
		{"failed", `echo lost >&2; echo '{"running": true}'; exit 4`, nil, sdk.State{}, `inspect ended with exit code 4: lost: {"running": true}`, codes.Unknown},
		{"silent failure where silence is absence", "exit 1", func(c *Config) { c.AbsentOn = []string{"empty"} }, sdk.State{}, "inspect ended with exit code 1", codes.Unknown},
		{"killed", "kill -9 $$", nil, sdk.State{}, "inspect was ended by signal killed", codes.Unknown},
		{"no start", `echo '{"running": true}'`, nil, sdk.State{}, "inspect answered a target that runs, and not since when (started_at)", codes.Unknown},
		{"too much", "head -c 1000000 /dev/zero; exec sleep 1000", nil, sdk.State{}, "inspect printed more than 256 KiB", codes.Unknown},
		{"too long", "sleep 1000 & echo '{'; exec sleep 1000", func(c *Config) { c.InspectTimeout = 100 * time.Millisecond }, sdk.State{}, "inspect took longer than ", codes.DeadlineExceeded},
		{"leaves something behind", "sleep 1000 & cat state", nil, sdk.State{Exists: true, Running: true, ID: `node k="v"`, Name: "node", StartedAt: at("2025-01-01T00:00:01Z")}, "", 0},
		{"no folder", "true", func(c *Config) { c.Dir = "/nonexistent" }, sdk.State{}, "run inspect: ", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStand(t)
			c := s.config("true")
			c.Inspect = []string{test.inspect}
			if test.change != nil {
				test.change(&c)
			}
			got, err := s.plugin(c).Inspect(t.Context(), Target{Name: "node", Values: map[string]string{"k": "v"}})
			checkState(t, got, err, test.want, test.err)
			var e *sdk.Error
			code := codes.OK
			if errors.As(err, &e) {
				code = e.Code()
			} else if errors.Is(err, context.DeadlineExceeded) {
				code = codes.DeadlineExceeded
			}
			if code != test.code {
				t.Errorf("got status %v, want %v: %v", code, test.code, err)
			}
		})
	}
}

// A command sees what is configured, the target, and nothing else of this
// process.
func TestEnvironment(t *testing.T) {
	s := newStand(t)
	t.Setenv("EXEC_ACTION_SECRET", "not for you")
	t.Setenv("EXEC_ACTION_PASSED", "for you")
	c := s.config("env | sort >env; pwd >>env; " + restarts)
	c.Env, c.PassEnv = map[string]string{"KUBECONFIG": "/k"}, []string{"EXEC_ACTION_PASSED", "EXEC_ACTION_UNSET"}
	r := request("the-id")
	r.Reason = "behind\n$(touch bad)\x1b[31m"
	target := Target{Name: "node", Values: map[string]string{"namespace": "a b"}}
	r.TargetID = target.key()
	if got, err := s.plugin(c).Execute(t.Context(), target, r); err != nil || got.Outcome != sdk.Done {
		t.Fatalf("got %+v, error %v", got, err)
	}
	want := []string{
		"EXEC_ACTION_PASSED=for you", "HEADWATCH_NAMESPACE=a b", "HEADWATCH_REASON=behind $(touch bad) [31m", "HEADWATCH_REQUEST_ID=the-id",
		"HEADWATCH_RUN_STARTED_AT=2025-01-01T00:00:01Z", "HEADWATCH_TARGET=node", "KUBECONFIG=/k", "PATH=" + defaultPath, s.dir,
	}
	got := slices.DeleteFunc(strings.Split(strings.TrimSpace(s.read("env")), "\n"), func(line string) bool {
		// The shell's own.
		return strings.HasPrefix(line, "PWD=") || strings.HasPrefix(line, "OLDPWD=") || strings.HasPrefix(line, "SHLVL=") || strings.HasPrefix(line, "_=")
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// Every value is one argument, whatever it holds; nothing reads it again.
func TestArguments(t *testing.T) {
	s := newStand(t)
	c := s.config("")
	c.Shell = false
	c.Inspect = []string{"sh", "-c", `for a; do printf '[%s]' "$a"; done; exit 9`, "sh", "{name}", "--ns={ns}", "{{name}}", `{"x":1}`, "$HOME", ""}
	c.Act = []string{"true"}
	target := Target{Name: `a b"; touch bad; {ns} $(x) *`, Values: map[string]string{"ns": "{name}"}}
	_, err := s.plugin(c).Inspect(t.Context(), target)
	want := `inspect ended with exit code 9: [a b"; touch bad; {ns} $(x) *][--ns={name}][{a b"; touch bad; {ns} $(x) *}][{"x":1}][$HOME][]`
	if err == nil || err.Error() != want {
		t.Errorf("got error\n%v\nwant\n%s", err, want)
	}
}

// A program that others may write is not run, nor one in a folder of theirs.
func TestTrust(t *testing.T) {
	dir := t.TempDir()
	program := func(name string, file, folder os.FileMode) string {
		path := filepath.Join(dir, name, "program")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Chmod(path, file), os.Chmod(filepath.Dir(path), folder)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(program("linked", 0o777, 0o755), link); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, want string }{
		{"fine", program("fine", 0o755, 0o755), ""},
		{"sticky folder", program("sticky", 0o755, 0o777|os.ModeSticky), ""},
		{"file", program("file", 0o757, 0o755), "may write " + filepath.Join(dir, "file", "program")},
		{"folder", program("folder", 0o755, 0o757), "may write " + filepath.Join(dir, "folder")},
		{"through a link", link, "may write " + filepath.Join(dir, "linked", "program")},
		{"missing", filepath.Join(dir, "none"), "find program: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := command{argv: []string{test.path}}
			_, err := c.program()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

func TestProgramInPath(t *testing.T) {
	c := command{argv: []string{"sh"}, env: []string{"PATH=/nonexistent:relative:/usr/bin:/bin"}}
	if path, err := c.program(); err != nil || !strings.HasSuffix(path, "bin/sh") {
		t.Errorf("got %q, error %v", path, err)
	}
	c.argv = []string{"headwatch-no-such-program"}
	if _, err := c.program(); err == nil || err.Error() != `find program "headwatch-no-such-program" in the PATH of the commands: there is none` {
		t.Errorf("got error %v", err)
	}
}

func TestStartLooksForPrograms(t *testing.T) {
	p := newPlugin()
	p.config = Config{Act: []string{"headwatch-no-such-program", "{name}"}, Inspect: []string{"true"}}
	found := sdk.Diagnostics(p.Start(t.Context()))
	if len(found) != 1 || strings.Join(found[0].Path, ".") != "act.0" || found[0].Hint != "PATH of the commands: "+defaultPath {
		t.Errorf("got %+v", found)
	}
}

func TestQuote(t *testing.T) {
	c := Config{Env: map[string]string{"TOKEN": "s3cret", "SHORT": "x"}}
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"blank", " \n\t\n", ""},
		{"last lines", "1\n2\n3\n4\n\n5\n6\n", ": 2 | 3 | 4 | 5 | 6"},
		{"secret", "with s3cret, x", ": with ***, x"},
		{"control characters", "a\x1b[31m\x00b\r\n\xffc", ": a[31mb | c"},
		{"long", strings.Repeat("y", 1000), ": …" + strings.Repeat("y", mostQuoted)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := c.quote(test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzState(f *testing.F) {
	for _, seed := range []string{
		`{"running": true, "started_at": "2025-01-01T00:00:01.5Z"}`, `{"running": false, "started_at": 1735689601.5, "notes": ["a"]}`,
		"LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=1\nExecMainStartTimestamp=@1735689601", `{"exists":false}`, `{"running":true,"started_at":1e5}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, read := range []func([]byte) (sdk.State, error){readJSON, readSystemd} {
			s, err := read(text)
			if err != nil {
				if strings.ContainsAny(err.Error(), "\n\x1b\x00") || len(err.Error()) > 300 {
					t.Errorf("got error %q", err)
				}
				continue
			}
			s, err = complete(s, Target{Name: "node"})
			if err == nil && (s.Exists && (s.ID == "" || s.Name == "") || s.Running && s.StartedAt.IsZero() || s.Running && s.MayStart) {
				t.Errorf("got %+v", s)
			}
		}
	})
}
