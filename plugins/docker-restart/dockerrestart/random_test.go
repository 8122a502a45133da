package dockerrestart

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/sdk"
)

// stage is a stand-in engine with a node, an operator who acts on it as people
// do, and a host whose plugin dies at random moments. It knows what each of them
// asked for.
type stage struct {
	t      *testing.T
	random *rand.Rand
	engine *enginetest.Engine
	node   *enginetest.Container
	other  *enginetest.Container // nobody's business
	claims string
	ahead  time.Duration // of the engine's clock

	plugin *plugin
	kill   context.CancelFunc

	wantStopped bool         // what the operator last asked for
	intent      *sdk.Request // of the host, while it is not known what became of it
	requests    int
	seen        int // calls that were judged
	story       []string
}

func newStage(t *testing.T, seed uint64) *stage {
	s := &stage{t: t, random: rand.New(rand.NewPCG(seed, 0)), engine: enginetest.Start(t, enginetest.Options{}), claims: t.TempDir()}
	s.node = s.engine.RunContainer(enginetest.Spec{Name: "node", StopTimeout: new(1)})
	s.other = s.engine.RunContainer(enginetest.Spec{Name: "node2"})
	s.boot()
	return s
}

// boot starts another process of the plugin in the place of the one that died.
func (s *stage) boot() {
	if s.kill != nil {
		s.kill()
		_ = s.plugin.Close() // which never fails
	}
	ctx, kill := context.WithCancel(context.Background())
	s.plugin, s.kill = newPlugin(), kill
	s.plugin.config.DockerHost, s.plugin.config.StartAgainFor, s.plugin.stateDir = s.engine.Host(), time.Minute, s.claims
	if err := s.plugin.Start(ctx); err != nil {
		s.t.Fatal(err)
	}
}

// note keeps what happened, for a failure.
func (s *stage) note(format string, args ...any) {
	s.story = append(s.story, fmt.Sprintf(format, args...))
}

func (s *stage) fatal(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s\nwhat happened:\n%s", fmt.Sprintf(format, args...), strings.Join(s.story, "\n"))
}

// operate is one deed of the operator. By its time it can be told from an act
// of headwatch: the engine's clock goes on by more than a claim covers.
func (s *stage) operate() {
	s.ahead += 4 * time.Second
	s.engine.SetClockOffset(s.ahead)
	deeds := map[string]func(){
		// A stop of what is down already is told to nobody.
		"stops":     func() { s.wantStopped = s.wantStopped || s.runs(); s.node.Stop(time.Second) },
		"breaks":    func() { s.node.FailStarts("bind source path does not exist: /mnt") },
		"mends":     func() { s.node.FailStarts("") },
		"starts":    func() { s.node.Start(); s.wantStopped = false },
		"pauses":    func() { s.node.Pause() },
		"unpauses":  func() { s.node.Unpause() },
		"recreates": func() { s.node = s.node.Recreate(); s.wantStopped = false },
		"renames":   func() { s.node.Rename("node-before"); s.node.Rename("node") },
		"updates":   func() { s.node.Tell("update") },
		"waits":     func() { s.ahead += 15 * time.Minute; s.engine.SetClockOffset(s.ahead) },
	}
	names := []string{"stops", "starts", "pauses", "unpauses", "recreates", "renames", "updates", "waits", "waits", "waits", "waits", "starts", "starts", "unpauses", "breaks", "breaks", "mends", "mends"}
	name := names[s.random.IntN(len(names))]
	s.note("the operator %s it", name)
	deeds[name]()
}

// act is the host: it settles what is open, and else asks for a restart of a
// container that runs. The plugin may die at any moment of it.
func (s *stage) act() {
	if s.intent == nil {
		state, err := s.plugin.Inspect(s.t.Context(), nodeTarget)
		if err != nil || !state.Running || state.Refuse != "" {
			return
		}
		s.requests++
		s.intent = &sdk.Request{ID: fmt.Sprint(s.requests), TargetID: state.ID, RunStartedAt: state.StartedAt, AskedAt: time.Now()}
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Second)
	defer cancel()
	dies := s.random.IntN(3) == 0
	if dies {
		timer := time.AfterFunc(time.Duration(s.random.IntN(60))*time.Millisecond, s.kill)
		defer timer.Stop()
	}
	result, err := s.plugin.Execute(ctx, nodeTarget, *s.intent)
	s.note("request %s (resumed: %v, the plugin dies: %v): %d %s %v", s.intent.ID, s.intent.Resume, dies, result.Outcome, result.Detail, err)
	s.intent.Resume = true
	if dies {
		s.boot() // and the answer is lost
		return
	}
	if err == nil && result.Outcome != sdk.Unknown {
		s.intent = nil
	}
}

// trouble befalls the engine's API for a while.
func (s *stage) trouble() (mend func()) {
	faults := []enginetest.Fault{
		{Route: enginetest.RouteEvents, Status: 500, Body: `{"message":"x"}`},
		{Route: enginetest.RouteRestart, Status: 500, Body: `{"message":"x"}`, Act: true},
		{Route: enginetest.RouteRestart, Status: 500, Body: `{"message":"x"}`},
		{Route: enginetest.RouteRestart, Cut: true},
		{Route: enginetest.RouteInspect, Status: 502, Body: "<html>", Times: 2},
	}
	f := faults[s.random.IntN(len(faults))]
	s.note("calls of %s fail", f.Route)
	return s.engine.Inject(f)
}

// judge looks at the calls since the last time: nothing that the operator
// stopped was started, and no request led to two restarts.
func (s *stage) judge(stoppedBefore bool) {
	s.t.Helper()
	all := posts(s.engine)
	fresh := all[s.seen:]
	s.seen = len(all)
	for _, call := range fresh {
		if stoppedBefore && (strings.Contains(call, "/start") || strings.Contains(call, "/restart")) {
			s.fatal("%s of a container that the operator stopped", call)
		}
		if strings.Contains(call, s.other.ID) {
			s.fatal("%s of another container", call)
		}
	}
	if len(all) > s.requests {
		restarts := 0
		for _, call := range all {
			if strings.Contains(call, "/restart") {
				restarts++
			}
		}
		if restarts > s.requests {
			s.fatal("%d restarts for %d requests", restarts, s.requests)
		}
	}
	if s.wantStopped && s.runs() {
		s.fatal("the container runs, and the operator had stopped it")
	}
}

func (s *stage) runs() bool {
	seen, err := s.plugin.inspectNow(s.t.Context(), nodeTarget)
	return err == nil && seen.Status.Alive()
}

// seedsVariable is how many seeds TestOperatorAtRandom tries; more than in every
// run, by hand.
const seedsVariable = "HEADWATCH_SEEDS"

// TestOperatorAtRandom lets an operator, a host and faults take turns.
func TestOperatorAtRandom(t *testing.T) {
	t.Parallel()
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	if more, err := strconv.ParseUint(os.Getenv(seedsVariable), 10, 16); err == nil {
		seeds = more
	}
	var requests atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				requests.Add(int64(playAtRandom(t, seed)))
			})
		}
	})
	if requests.Load() < int64(3*seeds) {
		t.Errorf("%d requests in all, too few to show anything", requests.Load())
	}
}

// playAtRandom returns how many requests there were.
func playAtRandom(t *testing.T, seed uint64) int {
	s := newStage(t, seed)
	defer func() { s.kill(); _ = s.plugin.Close() }() // which never fails
	for range 60 {
		stopped := s.wantStopped
		switch s.random.IntN(10) {
		case 0, 1, 2, 3, 4:
			s.operate()
			s.judge(false)
		case 5:
			mend := s.trouble()
			s.act()
			mend()
			s.judge(stopped)
		default:
			s.act()
			s.judge(stopped)
		}
	}
	t.Log(strings.Join(s.story, "\n"))
	return s.requests
}
