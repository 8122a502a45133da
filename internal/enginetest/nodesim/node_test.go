package nodesim

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/internal/enginetest/program"
)

// live runs a node for some virtual time and returns what it logged and its
// exit code. The code of a node that had to be killed is 137.
func live(t *testing.T, d time.Duration, run int, args ...string) (log string, code int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		var out bytes.Buffer
		code = Run(ctx, &program.Process{Args: args, Stderr: &out, Stdout: t.Output(), Run: run})
		log = out.String()
	})
	return log, code
}

func heights(t *testing.T, log string) []int {
	t.Helper()
	out := []int{}
	for _, m := range regexp.MustCompile(`✨ Imported #(\d+) \(0x`).FindAllStringSubmatch(log, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func TestNodeFollowsTheClock(t *testing.T) {
	log, code := live(t, 5400*time.Millisecond, 1, "-start", "100", "-rate", "2")
	if diff := cmp.Diff([]int{101, 102, 103, 104, 105, 106, 107, 108, 109, 110}, heights(t, log)); diff != "" || code != 137 {
		t.Errorf("exit code %d, imports (-want +got):\n%s", code, diff)
	}
}

func TestFiller(t *testing.T) {
	log, _ := live(t, 10*time.Second, 1, "-filler", "30", "-wedge-after", "5s")
	if n := strings.Count(log, "those that say nothing"); n < 299 || n > 301 {
		t.Errorf("%d lines in ten seconds, want 300", n)
	}
	silent, _ := live(t, 10*time.Second, 1, "-filler", "30", "-wedge-after", "5s", "-silent")
	if n := strings.Count(silent, "those that say nothing"); n > 151 {
		t.Errorf("%d lines of a node that says nothing after five seconds", n)
	}
}

func TestNodeLines(t *testing.T) {
	log, _ := live(t, 21*time.Second, 1, "-start", "898", "-rate", "0.2")
	want := []string{
		`INFO main sc_cli::runner: Aleph Node`,
		`INFO main sc_service::builder: 📦 Highest known block at #898`,
		`INFO tokio-runtime-worker aleph-block-sync: Switched to major sync state.`,
		`INFO tokio-runtime-worker aleph-party: Running session 0.`,
		`INFO tokio-runtime-worker substrate: ✨ Imported #899 (` + hash(899) + `)`,
		`INFO tokio-runtime-worker aleph-block-sync: No longer in major sync state.`,
		`INFO tokio-runtime-worker aleph-party: Running session 1.`,
		`INFO tokio-runtime-worker aleph-block-sync: Imported: #902 (` + hash(902) + `), finalized: #900 (` + hash(900) + `), favourite: #902 (` + hash(902) + `).`,
	}
	rest := log
	for _, line := range want {
		_, after, found := strings.Cut(rest, "  "+line+"\n")
		if !found {
			t.Fatalf("%q is missing, or not in this place, in:\n%s", line, log)
		}
		rest = after
	}
	simple, _ := live(t, time.Second, 1, "-simple")
	if !regexp.MustCompile(`(?m)^2000-01-01 00:00:00 Switched to major sync state\.$`).MatchString(simple) {
		t.Errorf("no short form in:\n%s", simple)
	}
}

func TestNodeWedges(t *testing.T) {
	tests := map[string]struct {
		run    int
		args   []string
		blocks int
		status bool // a status line after the wedge
	}{
		"after a time":          {1, []string{"-wedge-after", "5s"}, 4, true},
		"after blocks":          {1, []string{"-wedge-blocks", "3"}, 3, true},
		"silently":              {1, []string{"-wedge-blocks", "3", "-silent"}, 3, false},
		"not in the second run": {2, []string{"-wedge-blocks", "3"}, 29, true},
		"in the second run too": {2, []string{"-wedge-blocks", "3", "-wedge-runs", "2"}, 3, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			log, _ := live(t, 29500*time.Millisecond, test.run, append([]string{"-start", "100"}, test.args...)...)
			if got := len(heights(t, log)); got != test.blocks {
				t.Errorf("imported %d blocks, want %d", got, test.blocks)
			}
			if got := strings.Count(log, "finalized:") == 2; got != test.status {
				t.Errorf("status line when wedged: %v, want %v", got, test.status)
			}
		})
	}
}

func TestNodeResumesAndCatchesUp(t *testing.T) {
	state := filepath.Join(t.TempDir(), "height")
	epoch := "2000-01-01T00:00:00Z" // when a bubble's clock begins
	args := []string{"-start", "100", "-epoch", epoch, "-state", state, "-catch-up", "20"}
	live(t, 11*time.Second, 1, append(args, "-wedge-blocks", "4")...)
	text, err := os.ReadFile(state)
	if err != nil || string(text) != "104" {
		t.Fatalf("kept %q, %v; want 104", text, err)
	}
	args[3] = "1999-12-31T23:59:30Z" // 30 blocks have been made meanwhile
	log, _ := live(t, time.Second, 2, args...)
	if got := heights(t, log); len(got) < 17 || len(got) > 20 || got[0] != 105 {
		t.Errorf("caught up %v, want about 19 blocks from 105", got)
	}
}

func TestNodeFollowsAnEndpoint(t *testing.T) {
	chain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"jsonrpc":"2.0","id":1,"result":{"number":"0x68"}}`)) // 104
	}))
	defer chain.Close()
	n := &rpcNetwork{url: chain.URL}
	head, err := n.head(t.Context(), time.Now())
	if err != nil || head != 104 {
		t.Errorf("head %d, %v; want 104", head, err)
	}
	chain.Close()
	if head, err = n.head(t.Context(), n.asked.Add(time.Second)); err == nil {
		t.Errorf("head of a dead chain: %d", head)
	}
}

func TestNodeNumberedLines(t *testing.T) {
	log, _ := live(t, 350*time.Millisecond, 3, "-numbered", "-rate", "10")
	if diff := cmp.Diff("run 3 line 1\nrun 3 line 2\nrun 3 line 3\n", log); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestNodeEnds(t *testing.T) {
	if _, code := live(t, time.Minute, 1, "-exit-after", "3s", "-exit-code", "7"); code != 7 {
		t.Errorf("exit code %d, want 7", code)
	}
	if log, code := live(t, time.Minute, 1, "-rate", "0"); code != exitUsage || !strings.Contains(log, "above zero") {
		t.Errorf("exit code %d, %q; want %d", code, log, exitUsage)
	}
}

func TestNodeSIGUSR1(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5400*time.Millisecond)
		defer cancel()
		signals := make(chan os.Signal, 1)
		time.AfterFunc(2400*time.Millisecond, func() { signals <- syscall.SIGUSR1 })
		var out bytes.Buffer
		code := Run(ctx, &program.Process{Args: []string{"-start=100"}, Stderr: &out, Signals: signals, Run: 1})
		if diff := cmp.Diff([]int{101, 102}, heights(t, out.String())); diff != "" || code != 137 {
			t.Errorf("exit code %d, imports (-want +got):\n%s", code, diff)
		}
	})
}

func TestNodeSIGTERM(t *testing.T) {
	for _, deaf := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			signals := make(chan os.Signal, 1)
			signals <- os.Interrupt
			code := Run(ctx, &program.Process{Args: []string{"-deaf=" + strconv.FormatBool(deaf)}, Stderr: t.Output(), Signals: signals, Run: 1})
			if want := map[bool]int{true: 137, false: 0}[deaf]; code != want {
				t.Errorf("deaf %v: exit code %d, want %d", deaf, code, want)
			}
		})
	}
}
