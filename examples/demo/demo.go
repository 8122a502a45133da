package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest"
)

// demo is one performance.
type demo struct {
	options
	*stage
	folder string // for everything that is written; removed at the end
	chain  *chain
	engine *engine
	node   *node
	host   *host

	firstRun string // when the engine says that the node was started
	wedgedAt uint64 // the height at which it stopped
	fellAt   time.Time
}

// play gives the whole performance and removes its traces.
func play(ctx context.Context, o options, out io.Writer) (err error) {
	d := &demo{options: o, stage: newStage(out)}
	if d.folder, err = os.MkdirTemp(o.temp, "headwatch-demo-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.cleanUp()) }()
	if err := d.prepare(ctx); err != nil {
		return err
	}
	d.began = time.Now()
	for _, act := range []func(context.Context) error{d.open, d.healthy, d.wedged, d.restarted, d.recovered, d.close} {
		if err := d.within(ctx, act); err != nil {
			return err
		}
	}
	return nil
}

// within plays one act within its limit.
func (d *demo) within(ctx context.Context, act func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, d.pace.limit, fmt.Errorf("not seen within %v", d.pace.limit))
	defer cancel()
	return act(ctx)
}

// prepare builds what is needed and finds an engine.
func (d *demo) prepare(ctx context.Context) (err error) {
	if d.bin == "" {
		d.say("Building headwatch, its plugins and a simulated node.\nThe first time this takes a minute or two.")
		d.bin = filepath.Join(d.folder, "bin")
		if err := enginetest.BuildBundle(ctx, d.bin, pluginNames...); err != nil {
			return err
		}
	} else if d.bin, err = filepath.Abs(d.bin); err != nil {
		return err
	}
	if err := checkBin(d.bin); err != nil {
		return err
	}
	d.engine, err = openEngine(ctx, d.options.engine, d.folder, "headwatch-demo-"+strings.ToLower(rand.Text()[:8]))
	if err != nil {
		return err
	}
	if d.engine.real {
		d.say("A Docker Engine answers at %s: the node is a real container.", d.engine.DaemonHost())
	} else {
		d.say("A built-in stand-in plays the Docker Engine, at %s.", d.engine.DaemonHost())
	}
	return nil
}

// open starts the chain, the node and headwatch.
func (d *demo) open(ctx context.Context) (err error) {
	if d.chain, err = openChain(d.pace.block); err != nil {
		return err
	}
	d.say("A simulated chain makes a block every %v, at %s.", d.pace.block, d.chain.URL())
	if d.node, err = d.engine.startNode(ctx, d.chain, d.pace, filepath.Join(d.folder, "height")); err != nil {
		return err
	}
	if _, d.firstRun, err = d.node.state(ctx); err != nil {
		return err
	}
	d.say("A simulated node follows it in the container %s.", d.node.name)
	d.host, err = startHost(launch{
		bin: d.bin, folder: d.folder, rpc: d.chain.URL(), node: d.node.name, dockerHost: d.engine.host,
		temp: d.options.temp, interval: d.pace.interval, cooldown: d.pace.cooldown, lagAbove: d.pace.lagAbove,
	})
	if err != nil {
		return err
	}
	d.say("headwatch watches it: a check every %v, a restart at more than %d blocks behind.", d.pace.interval, d.pace.lagAbove)
	return nil
}

var lagLine = regexp.MustCompile(`^Container \S+ - Lag: (\d+) blocks`)

// near is a lag that is only the delay between the chain, the node and the
// check: a second's worth of blocks, and two.
func (d *demo) near() int { return int(d.chain.rate()) + 2 }

// awaitLag waits for a check whose lag is as wanted.
func (d *demo) awaitLag(ctx context.Context, what string, wanted func(int) bool) (lag int, err error) {
	_, err = d.host.await(ctx, what, d.show, func(text string) bool {
		m := lagLine.FindStringSubmatch(text)
		if m == nil {
			return false
		}
		lag, err = strconv.Atoi(m[1])
		return err == nil && wanted(lag)
	})
	return lag, err
}

// show shows the lines of the host's log that tell the story.
func (d *demo) show(line logLine) {
	telling := line.Level != "INFO"
	for _, words := range []string{"- Lag:", "fully caught up", "Restarting...", "cooldown"} {
		telling = telling || strings.Contains(line.Text, words)
	}
	if d.verbose || telling {
		d.quote(line.Text)
	}
}

// healthy waits for the first checks.
func (d *demo) healthy(ctx context.Context) error {
	lag, err := d.awaitLag(ctx, "a healthy node", func(lag int) bool { return lag <= d.near() })
	if err != nil {
		return err
	}
	d.say("The node is healthy: %d blocks behind.", lag)
	return nil
}

// wedged wedges the node, waits for the lag to grow, and asks the engine whether
// the node has really stopped while its container runs.
func (d *demo) wedged(ctx context.Context) error {
	if err := d.node.wedge(ctx); err != nil {
		return err
	}
	d.say("Now it stops importing blocks, while its container runs on.")
	lag, err := d.awaitLag(ctx, "a node that falls behind", func(lag int) bool { return lag > d.near() })
	if err != nil {
		return err
	}
	d.fellAt = time.Now()
	if d.wedgedAt, err = d.node.height(ctx); err != nil {
		return err
	}
	running, startedAt, err := d.node.state(ctx)
	if err != nil {
		return err
	}
	if !running || startedAt != d.firstRun {
		return errors.New("the node should have wedged, but its container has ended or was restarted")
	}
	d.say("The node has wedged at block #%d, and is %d blocks behind already.", d.wedgedAt, lag)
	return nil
}

// restarted waits for the verdict, and for the engine to say that the container
// runs anew.
func (d *demo) restarted(ctx context.Context) error {
	verdict := regexp.MustCompile(`^Container ` + d.node.name + ` is behind by \d+ blocks \(>` + strconv.Itoa(d.pace.lagAbove) + `\)\. Restarting\.\.\.$`)
	if _, err := d.host.await(ctx, "a restart", d.show, verdict.MatchString); err != nil {
		return err
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		running, startedAt, err := d.node.state(ctx)
		if err != nil {
			return fmt.Errorf("ask the engine for the restart: %w", err)
		}
		if running && startedAt != d.firstRun {
			d.say("headwatch has restarted the container: the engine says that it was started\nat %s, and before that at %s.", startedAt, d.firstRun)
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the engine to restart the container: %w", context.Cause(ctx))
		}
	}
}

// recovered waits for a check after the cooldown that finds the node near the
// head, and for the engine's log to show the same.
func (d *demo) recovered(ctx context.Context) error {
	lag, err := d.awaitLag(ctx, "the recovery", func(lag int) bool { return lag <= d.near() })
	if err != nil {
		return err
	}
	height, err := d.node.height(ctx)
	if err != nil {
		return err
	}
	if height <= d.wedgedAt {
		return fmt.Errorf("headwatch sees a recovery, but the node's log still ends at block #%d", height)
	}
	d.say("The node has recovered: block #%d, %d blocks behind, %.0f seconds after it fell\nbehind.", height, lag, time.Since(d.fellAt).Seconds())
	return nil
}

// close ends headwatch as an operator does and checks that it leaves nothing.
func (d *demo) close(context.Context) error {
	if err := d.host.stop(); err != nil {
		return err
	}
	if found := d.host.leftOver(); len(found) > 0 {
		return fmt.Errorf("headwatch has ended and left processes: %s", strings.Join(found, ", "))
	}
	d.say("headwatch was told to end, and left no process. That was its main job.")
	return nil
}

// cleanUp removes every trace, in whatever state the demo ended.
func (d *demo) cleanUp() error {
	var all error
	if d.host != nil {
		all = errors.Join(all, d.host.stop())
	}
	if d.engine != nil {
		all = errors.Join(all, d.engine.close())
	}
	if d.chain != nil {
		d.chain.end()
	}
	return errors.Join(all, os.RemoveAll(d.folder))
}
