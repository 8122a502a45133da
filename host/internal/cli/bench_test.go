package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

const benchDays = 30

// BenchmarkReplayMonth replays 30 days of one node, a check a minute and a line
// a second, with the programs as they are: the host a process, the parser
// another. It reports the peak of the memory of both.
func BenchmarkReplayMonth(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "month.jsonl")
	lines := writeMonth(b, path)
	config, err := filepath.Abs("../../../examples/monitor.hcl")
	if err != nil {
		b.Fatal(err)
	}
	p := shipped(b)
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), p.headwatch, "replay", "--json", "--config", config, path)
		cmd.Env = append(os.Environ(), "CONTAINER_NAME=azero", "HEADWATCH_PLUGIN_DIR="+p.plugins)
		host, parser := replayOnce(b, cmd)
		b.ReportMetric(host, "MB-host")
		b.ReportMetric(parser, "MB-parser")
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/month")
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

// replayOnce runs a replay and returns the most memory that it and its plugin
// had, in MB.
func replayOnce(b *testing.B, cmd *exec.Cmd) (host, parser float64) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		host, parser = watchMemory(ctx, cmd.Process.Pid)
	}()
	checks := 0
	for scanner := bufio.NewScanner(out); scanner.Scan(); checks++ {
		if !strings.Contains(scanner.Text(), `"verdict":"`) {
			b.Fatalf("printed %s", scanner.Text())
		}
	}
	cancel()
	<-watched
	if err := cmd.Wait(); err != nil || checks != benchDays*24*60 {
		b.Fatalf("%d checks, %v", checks, err)
	}
	return host, parser
}

// watchMemory follows the peaks of a process and of its children.
func watchMemory(ctx context.Context, pid int) (own, children float64) {
	for {
		own = max(own, peakMB(pid))
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		for _, thread := range threads {
			list, _ := os.ReadFile(thread)
			for _, child := range strings.Fields(string(list)) {
				if id, err := strconv.Atoi(child); err == nil {
					children = max(children, peakMB(id))
				}
			}
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return own, children
		}
	}
}

// peakMB is the most memory that a process had so far; 0 where it is gone.
func peakMB(pid int) float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(peak)
	if len(fields) == 0 {
		return 0
	}
	kB, _ := strconv.ParseFloat(fields[0], 64)
	return kB / 1024
}

// writeMonth writes the trace, the same each time, and returns the number of
// log lines in it. The node lags behind now and then.
func writeMonth(b *testing.B, path string) (lines int) {
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	w := trace.NewWriter(out)
	random := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	started := begin.Add(-time.Hour)
	for second := range benchDays * 24 * 60 * 60 {
		now := begin.Add(time.Duration(second) * time.Second)
		height := uint64(105_000_000 + second)
		best := height + 2
		if second/60%1440 == 700 { // a minute a day
			best += 60
		}
		err = errors.Join(err, w.Write(trace.Record{T: now.Add(250 * time.Millisecond), Monitor: "aleph", Log: trace.NewLog([]byte(nodeLine(random, now, height)))}))
		if lines++; second%60 == 59 {
			at := now.Add(500 * time.Millisecond)
			for _, record := range []trace.Record{
				{Target: &rule.Target{Exists: true, Running: true, StartedAt: started, Name: "azero"}},
				{Head: &rule.Head{Source: "onfinality", Best: best, BlockTime: now, Endpoint: "https://aleph-zero.api.onfinality.io"}},
				{Check: &trace.Check{}},
			} {
				record.T, record.Monitor = at, "aleph"
				err = errors.Join(err, w.Write(record))
			}
		}
	}
	if err = errors.Join(err, out.Flush(), file.Close()); err != nil {
		b.Fatal(err)
	}
	return lines
}

// nodeLine is a line as a node at the head prints it: an import mostly.
func nodeLine(random *rand.Rand, now time.Time, height uint64) string {
	stamp := now.Format("2006-01-02 15:04:05.000")
	hash := fmt.Sprintf("0x%04x…%04x", random.IntN(1<<16), random.IntN(1<<16))
	switch second := now.Unix(); {
	case second%900 == 0:
		return fmt.Sprintf("%s  INFO tokio-runtime-worker aleph-party: Running session %d.", stamp, height/900)
	case second%20 == 0:
		return fmt.Sprintf("%s  INFO tokio-runtime-worker aleph-block-sync: Imported: #%d (%s), finalized: #%d (%s), favourite: #%d (%s).", stamp, height, hash, height-2, hash, height, hash)
	case second%5 == 3:
		return fmt.Sprintf("%s  INFO tokio-runtime-worker substrate: 💤 Idle (18 peers), best: #%d (%s), finalized #%d (%s), ⬇ 12.3kiB/s ⬆ 9.8kiB/s", stamp, height, hash, height-2, hash)
	}
	return fmt.Sprintf("%s  INFO tokio-runtime-worker substrate: ✨ Imported #%d (%s)", stamp, height, hash)
}
