package cli

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest"
)

// standStillVariable is how long the healthy nodes of [TestLogThatStandsStill]
// are watched; standStillFor where it is unset.
const (
	standStillVariable = "HEADWATCH_STAND_STILL_FOR"
	standStillFor      = 2 * time.Minute
)

// blockEachSecond is slow enough for a log that stands still to be the difference
// between a node in step and one that a default would restart.
const blockEachSecond = 1

// standsStill is what the host says of a log whose stream stands still.
const standsStill = "its stream stands still while the log goes on"

// TestLogThatStandsStill: the engine's own stream of a log that rotates fast, and
// one behind a proxy that freezes it, stand still for longer than a node may be
// behind. The nodes are in step, and left alone; each is restarted once it wedges.
func TestLogThatStandsStill(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it takes minutes (make test-long)")
	}
	period := standStillFor
	if text := os.Getenv(standStillVariable); text != "" {
		var err error
		if period, err = time.ParseDuration(text); err != nil {
			t.Fatalf("read %s: %v", standStillVariable, err)
		}
	}
	api := enginetest.RealEngine(t)
	image := realImage(t, api)
	for name, test := range map[string]standStill{
		"json-file": {driver: "json-file", options: map[string]string{"compress": "true", "max-size": "100k", "max-file": "3"}},
		"local":     {driver: "local", options: map[string]string{"max-size": "20k"}},
		"proxy":     {driver: "json-file", frozen: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.watch(t, newWorld(t, shipped(t), api, "", image), period)
		})
	}
}

// standStill is a log whose stream stands still.
type standStill struct {
	driver  string
	options map[string]string
	// frozen puts a proxy between that freezes the stream.
	frozen bool
}

func (s standStill) watch(t *testing.T, w *world, period time.Duration) {
	w.rate.Store(blockEachSecond)
	w.spec.LogDriver, w.spec.LogOptions = s.driver, s.options
	w.startNode("-filler=30")
	before := w.startedAt()
	w.env["CHECK_INTERVAL"], w.env["COOLDOWN"] = "5", "20"
	if s.frozen {
		w.env["DOCKER_HOST"] = startFreezer(t, w.api)
	}
	host := w.startHost()
	host.see(verdictOK, 1)
	select {
	case <-time.After(period):
	case <-host.exited:
		t.Fatal("the host has ended")
	}
	log := host.log.String()
	t.Logf("in %s: %d checks, %d of them ok; the host found the stream to stand still %d times, and lines missing %d times", period,
		strings.Count(log, "verdict="), strings.Count(log, verdictOK), strings.Count(log, `reason="`+standsStill), strings.Count(log, "lines of the log are missing"))
	if w.startedAt() != before || strings.Contains(log, "Restarting...") {
		t.Errorf("a node in step was restarted:\n%s", log)
	}
	w.wedge()
	host.see(restarted, 1)
	checkPrompt(t, host.log.String()[len(log):])
	host.see(verdictOK, host.log.count(verdictOK)+1)
	if got := host.log.count(restarted); !t.Failed() && got != 1 {
		t.Errorf("restarted %d times, want once", got)
	}
}

// wedge stops the node's import.
func (w *world) wedge() {
	w.t.Helper()
	if err := w.api.ContainerKill(w.t.Context(), w.id, "SIGUSR1"); err != nil {
		w.t.Fatal(err)
	}
}

// checkPrompt wants the restart not later than at the second check at which the
// node was far enough behind. log is what the host has said since the node wedged.
func checkPrompt(t *testing.T, log string) {
	t.Helper()
	log, _, _ = strings.Cut(log, restarted)
	var heads []int
	for _, found := range rpcBlock.FindAllStringSubmatch(log, -1) {
		heads = append(heads, number(t, found[1]))
	}
	behind := behindBy.FindStringSubmatch(log)
	if len(heads) == 0 || behind == nil {
		t.Fatalf("the log does not say how far behind the node was:\n%s", log)
	}
	wedgedAt, late := heads[len(heads)-1]-number(t, behind[1]), 0
	for _, head := range heads {
		if head-wedgedAt > 20 {
			late++
		}
	}
	t.Logf("restarted at check %d of those at which the node was more than 20 blocks behind", late)
	if late > 2 {
		t.Errorf("restarted at check %d, want the second at the latest:\n%s", late, log)
	}
}

// What the host says at a check.
var (
	rpcBlock = regexp.MustCompile(`Latest RPC block retrieved: (\d+)`)
	behindBy = regexp.MustCompile(`is behind by (\d+) blocks`)
)

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
