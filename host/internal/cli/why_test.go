package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// command runs headwatch with the world's environment and returns what it
// prints.
func (w *world) command(args ...string) (stdout, stderr string, code int) {
	w.t.Helper()
	binary, err := exec.LookPath("headwatch")
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC", "HEADWATCH_PLUGIN_DIR=" + filepath.Dir(binary)}
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
		var a answer
		if err := json.Unmarshal([]byte(out), &a); err != nil || a.Verdict != "held" || a.Source.From != fromHost {
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
