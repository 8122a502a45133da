package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headwatch/headwatch/host/internal/explain"
)

// command runs headwatch with the world's environment and returns what it
// prints.
func (w *world) command(args ...string) (stdout, stderr string, code int) {
	w.t.Helper()
	cmd := exec.Command(w.headwatch, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), raceSettings, "HEADWATCH_PLUGIN_DIR=" + w.plugins}
	for name, value := range w.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the exit code tells
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// TestWhyAsksTheRunningHost: on whichever port it listens; what its endpoint
// says is what is printed, and a host that ended is not found.
func TestWhyAsksTheRunningHost(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode("-wedge-after=1s")
		w.env["DRY_RUN"], w.env["COOLDOWN"] = "true", "1"
		host := w.startHost()
		host.see("Restarting... (dry run: not restarted)", 2)

		out, errs, code := w.command("why", "--config", w.config)
		t.Log("\n" + out)
		for _, want := range []string{"aleph: held, by block_lag.severe (dry run)", "from the running host at http://127.0.0.1:",
			"head    onfinality: #", "the one that counts", "block_lag.severe      fires", "dry run               stands",
			"without dry run: block_lag.severe would act", "lag of at most 100 ("} {
			if !strings.Contains(out, want) {
				t.Errorf("why does not say %q:\n%s%s", want, out, errs)
			}
		}
		if code != 0 {
			t.Errorf("exit code %d", code)
		}
		out, _, _ = w.command("why", "--config", w.config, "--json", "aleph")
		var a explain.Answer
		if err := json.Unmarshal([]byte(out), &a); err != nil || a.Verdict != "held" || a.Source.From != explain.FromHost {
			t.Errorf("%v, verdict %q from %q in %s", err, a.Verdict, a.Source.From, out)
		}
		if out, errs, code := w.command("healthcheck", "--config", w.config); code != 0 || !strings.Contains(out, `"aleph": "ok"`) {
			t.Errorf("healthcheck ends with %d: %s%s", code, out, errs)
		}
		if _, errs, code := w.command("why", "--config", w.config, "--last", "act"); code != 1 || !strings.Contains(errs, `no check of monitor "aleph" has come to "act" since this host began`) {
			t.Errorf("why of an act that was not ends with %d: %s", code, errs)
		}
		host.signal(syscall.SIGTERM)
		host.waitExit()
		if _, errs, code := w.command("why", "--config", w.config); code != 1 || !strings.Contains(errs, "no host answers") {
			t.Errorf("why without a host ends with %d: %s", code, errs)
		}
	})
}

// TestWhyLooksIntoTheRecording: the act that a host explained is explained the
// same way from its recording, when it is gone.
func TestWhyLooksIntoTheRecording(t *testing.T) {
	sameValues := cmp.Transformer("value", func(text json.RawMessage) (value any) {
		if err := json.Unmarshal(text, &value); err != nil && len(text) > 0 {
			t.Error(err)
		}
		return value
	})
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode("-wedge-after=1s", "-wedge-runs=1")
		w.env["BLOCK_LAG_20"], w.env["COOLDOWN"] = "1000000", "1"
		w.record("events")
		host := w.startHost()
		host.see(restarted, 1)
		host.see(verdictOK, 2)
		explained := func(args ...string) explain.Answer {
			t.Helper()
			out, errs, code := w.command(append([]string{"why", "--json", "--config", w.config}, args...)...)
			var a explain.Answer
			if err := json.Unmarshal([]byte(out), &a); err != nil || code != 0 {
				t.Fatalf("why %s ends with %d, %v: %s%s", args, code, err, out, errs)
			}
			return a
		}
		live := explained("--last", "act")
		host.signal(syscall.SIGTERM)
		host.waitExit()

		recorded := explained("--at", "now", "--last", "act")
		if recorded.Source.From != explain.FromRecording || recorded.Source.Recorded != "" {
			t.Errorf("it comes from %+v", recorded.Source)
		}
		if diff := cmp.Diff(live.Explanation, recorded.Explanation, sameValues, cmpopts.EquateApproxTime(time.Millisecond), cmpopts.EquateApprox(0, 1e-3)); diff != "" {
			t.Errorf("it is explained otherwise from the recording (-host +recording):\n%s", diff)
		}
		out, errs, _ := w.command("why", "--config", w.config)
		if !strings.HasPrefix(out, "aleph: ") || !strings.Contains(out, "s ago, made anew from the recording") || !strings.Contains(squeezed(out), "nohostanswers") {
			t.Errorf("why without a host says:\n%s%s", out, errs)
		}
		host = w.startHost()
		host.see(verdictOK, 1)
		before := explained("--last", "act")
		if before.Source.From != explain.FromRecording || before.Verdict != "act" || !before.T.Equal(recorded.T) || !strings.Contains(before.Source.NoHost, "since this host began") {
			t.Errorf("the act before a restart of the host is explained by %+v: %s at %s", before.Source, before.Verdict, before.T)
		}
		host.signal(syscall.SIGTERM)
		host.waitExit()
		_, errs, code := w.command("why", "--config", w.config, "--at", "2d ago")
		if code != 1 || !strings.Contains(errs, "has nothing of monitor \"aleph\" at ") {
			t.Errorf("why of a time before the recording ends with %d: %s", code, errs)
		}
	})
}

// squeezed is a text without its white space.
func squeezed(text string) string { return strings.Join(strings.Fields(text), "") }
