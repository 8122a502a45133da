package cli

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

var updatePage = flag.Bool("update-page", false, "write docs/replay.md, its trace and docs/why.md anew; read each change before it is kept")

const (
	replayPage  = "../../../docs/replay.md"
	whyPage     = "../../../docs/why.md"
	replayNight = "../../../examples/replay/night.jsonl.gz"
)

// TestPages runs the commands of each page, in one shell and in a folder that
// looks like the project after "make build", and wants the output that the page
// shows.
func TestPages(t *testing.T) {
	for _, path := range []string{replayPage, whyPage} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := rerun(t, string(page))
			if *updatePage {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(page), got); diff != "" {
				t.Errorf("the page shows what headwatch does not do (-page +really):\n%s", diff)
			}
		})
	}
}

// rerun is a page with the output of the commands in its console blocks as it
// really is.
func rerun(t *testing.T, page string) string {
	t.Helper()
	const mark = "== the output of a command ends here ==\n"
	var commands strings.Builder
	commands.WriteString("exec 2>&1\n")
	console(page, func(line string) { commands.WriteString(line + "printf '" + strings.TrimSpace(mark) + "\\n'\n") }, func(string) {})
	cmd := exec.CommandContext(t.Context(), "sh", "-c", commands.String())
	cmd.Dir = builtProject(t)
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	outputs := strings.SplitAfter(string(text), mark)
	var out strings.Builder
	console(page, func(line string) {
		out.WriteString("$ " + line + strings.TrimSuffix(outputs[0], mark))
		outputs = outputs[1:]
	}, func(line string) { out.WriteString(line) })
	return out.String()
}

// console goes through a page: the commands in its console blocks, and all else
// but what stands there as their output.
func console(page string, command, other func(line string)) {
	inside := false
	for line := range strings.Lines(page) {
		if line == "```console\n" || line == "```\n" {
			inside = line == "```console\n"
			other(line)
			continue
		}
		if typed, ok := strings.CutPrefix(line, "$ "); inside && ok {
			command(typed)
		} else if !inside {
			other(line)
		}
	}
}

// builtProject is a folder with bin and examples.
func builtProject(t *testing.T) string {
	t.Helper()
	p, dir := shipped(t), t.TempDir()
	plugins := filepath.Join(dir, "bin", "plugins")
	examples, err := filepath.Abs("../../../examples")
	err = errors.Join(err, os.Mkdir(filepath.Join(dir, "bin"), 0o700), linkPlugins(p, plugins),
		os.Symlink(p.headwatch, filepath.Join(dir, "bin", "headwatch")), os.Symlink(examples, filepath.Join(dir, "examples")))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HEADWATCH_PLUGIN_DIR", plugins)
	t.Setenv("CONTAINER_NAME", "")
	return dir
}

// TestReplayNight keeps the trace of the page: what it holds is made here.
func TestReplayNight(t *testing.T) {
	want := night(t)
	if *updatePage {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err == nil {
			_, err = w.Write(want)
		}
		if err = errors.Join(err, w.Close(), os.WriteFile(replayNight, b.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	file, err := trace.Open(replayNight)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("examples/replay/night.jsonl.gz is not what it should hold: %d bytes, want %d, %v", len(got), len(want), err)
	}
}

// night is three hours of a node: four times it loses its peers for half a
// minute to a minute and makes up for it by itself, and at last it wedges, until
// somebody restarts it by hand eleven minutes later.
func night(t *testing.T) []byte {
	t.Helper()
	begin := time.Date(2025, 3, 1, 1, 0, 0, 0, time.UTC)
	started, wedged, again := begin.Add(-5*time.Hour), 9000, 9660
	dips := []int{1500, 3300, 5100, 7080}
	var b bytes.Buffer
	w := trace.NewWriter(&b)
	write := func(at time.Time, r trace.Record) {
		r.T, r.Monitor = at, "aleph"
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	shown := 0
	for second := range 3 * 60 * 60 {
		now, height := begin.Add(time.Duration(second)*time.Second), 105_000_000+second
		if second == again {
			started = now
		}
		block := height - 1 - missing(second, dips, wedged, again)
		if second%10 == 0 && block > shown && (second < wedged || second >= again+20) {
			shown = block
			line := fmt.Sprintf("%s ✨ Imported #%d (0x%04x…%04x)", now.Format("2006-01-02 15:04:05"), block, block%65521, block%65519)
			write(now.Add(200*time.Millisecond), trace.Record{Log: trace.NewLog([]byte(line))})
		}
		if second%60 == 30 {
			best, now := uint64(height), now.Add(400*time.Millisecond)
			write(now, trace.Record{Target: &rule.Target{Exists: true, Running: true, StartedAt: started}})
			write(now, trace.Record{Head: &rule.Head{Source: "onfinality", Best: best}})
			write(now, trace.Record{Check: &trace.Check{}})
		}
	}
	return b.Bytes()
}

// missing is how many blocks the node lacks.
func missing(second int, dips []int, wedged, again int) int {
	if second >= wedged && second < again {
		return second - wedged
	}
	if second >= again {
		return max(0, again-wedged-25*(second-again)) // it catches up
	}
	for i, dip := range dips {
		if long := 36 + 6*i; second >= dip && second < dip+3*long {
			return min(second-dip, long, dip+3*long-second)
		}
	}
	return 0
}
