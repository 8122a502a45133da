package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// head asks a plugin of the role source.
func head(p *Plugin) (head sdk.Head, err error) {
	err = p.Do(context.Background(), func(ctx context.Context, c *wire.Client) error {
		head, err = c.GetHead(ctx)
		return err
	})
	return head, err
}

func sourceSpec(dir, config string) Spec {
	s := spec(dir, "source")
	s.ConfigJSON = []byte(config)
	return s
}

func TestPluginComesBackConfigured(t *testing.T) {
	for name, mtls := range map[string]bool{"plain": false, "with TLS": true} {
		t.Run(name, func(t *testing.T) {
			logger, log := newRecords()
			spec := sourceSpec(plugins(t), `{"best": 42}`)
			spec.MTLS = mtls
			p, _ := keep(t, newSupervisor(t, logger), spec)
			first, err := head(p)
			if err != nil || first.Best != 42 {
				t.Fatalf("got %v, %v", first, err)
			}
			if err := syscall.Kill(int(*first.Finalized), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			eventually(t, "a new process", func() bool {
				again, err := head(p)
				return err == nil && again.Best == 42 && *again.Finalized != *first.Finalized
			})
			if got := log.count("level=ERROR", "the plugin is down", "signal: killed", "position=monitor.hcl:3"); got != 1 {
				t.Errorf("%d lines say so:\n%s", got, log.all())
			}
		})
	}
}

func TestPluginThatHangsIsReplaced(t *testing.T) {
	logger, log := newRecords()
	s := newSupervisor(t, logger)
	s.times.health, s.times.healthDeadline = 20*time.Millisecond, time.Second
	p, _ := keep(t, s, spec(plugins(t), "action"))
	first := upPid(t, p)
	if err := syscall.Kill(first, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, first)
	eventually(t, "a new process", func() bool { pid := pidOf(p); return pid != 0 && pid != first })
	if log.count("the plugin is down", "no answer within 1s") == 0 {
		t.Errorf("nothing says why:\n%s", log.all())
	}
}

func TestPluginDiesInACall(t *testing.T) {
	p, _ := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec(plugins(t), "action"))
	err := p.Do(context.Background(), func(ctx context.Context, c *wire.Client) error {
		_, err := c.Inspect(ctx, []byte(`{"do": "exit"}`))
		return err
	})
	if !errors.Is(err, ErrDown) || sdk.FailureOf(err) != sdk.FailureUnavailable {
		t.Errorf("got %v", err)
	}
}

func TestPluginDiesUnderAStream(t *testing.T) {
	p, _ := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec(plugins(t), "action"))
	pid := upPid(t, p)
	err := p.Stream(context.Background(), func(ctx context.Context, c *wire.Client) error {
		return c.ReadLog(ctx, []byte("{}"), sdk.ReadFrom{}, func(item sdk.LogItem) error {
			if _, ok := item.(sdk.BacklogEnd); !ok {
				t.Errorf("got %#v", item)
			}
			return syscall.Kill(pid, syscall.SIGKILL)
		})
	})
	if !errors.Is(err, ErrDown) {
		t.Errorf("got %v", err)
	}
}

func TestPluginKeepsPanicsInCalls(t *testing.T) {
	logger, log := newRecords()
	p, _ := keep(t, newSupervisor(t, logger), spec(plugins(t), "action"))
	before := upPid(t, p)
	err := p.Do(context.Background(), func(ctx context.Context, c *wire.Client) error {
		_, err := c.Inspect(ctx, []byte(`{"do": "panic"}`))
		return err
	})
	if sdk.FailureOf(err) != sdk.FailurePanic || !strings.Contains(err.Error(), "inspecting went wrong") {
		t.Errorf("got %v", err)
	}
	if after := pidOf(p); after != before {
		t.Errorf("process %d became %d", before, after)
	}
	eventually(t, "the stack", func() bool {
		return log.count("level=ERROR", "panic in a call", "(*action).Inspect") == 1
	})
}

func TestPluginCallHasADeadline(t *testing.T) {
	spec := spec(plugins(t), "action")
	spec.Timeout = 100 * time.Millisecond
	s := newSupervisor(t, slog.New(slog.DiscardHandler))
	block := func(ctx context.Context, c *wire.Client) error {
		_, err := c.Inspect(ctx, []byte(`{"do": "block"}`))
		return err
	}
	p, _ := keep(t, s, spec)
	eventually(t, "the plugin", func() bool { return pidOf(p) != 0 })
	if err := p.Do(context.Background(), block); !errors.Is(err, context.DeadlineExceeded) || sdk.FailureOf(err) != sdk.FailureDeadline {
		t.Errorf("got %v", err)
	}
	client, stop, err := open(context.Background(), s, spec)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err := block(context.Background(), client); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v for a client without a supervisor", err)
	}
}

// A call that hangs for ever does not heal by itself: after some in a row the
// process is started anew, but never during an act.
func TestPluginThatLeavesCallsUnanswered(t *testing.T) {
	spec := spec(plugins(t), "action")
	spec.Timeout = 50 * time.Millisecond
	logger, log := newRecords()
	p, _ := keep(t, newSupervisor(t, logger), spec)
	eventually(t, "the plugin", func() bool { return pidOf(p) != 0 })
	block := func(ctx context.Context, c *wire.Client) error {
		_, err := c.Inspect(ctx, []byte(`{"do": "block"}`))
		return err
	}
	before := pidOf(p)
	for range mostUnanswered - 1 {
		_ = p.Do(context.Background(), block)
	}
	if after := pidOf(p); after != before {
		t.Fatalf("process %d became %d after %d calls without an answer", before, after, mostUnanswered-1)
	}
	p.mu.Lock()
	acted := p.process.acts.begin()
	p.mu.Unlock()
	for range 2 * mostUnanswered {
		_ = p.Do(context.Background(), block)
	}
	if log.count("unanswered") != 0 {
		t.Fatal("the process was ended during an act")
	}
	acted()
	_ = p.Do(context.Background(), block)
	eventually(t, "a new process", func() bool { pid := pidOf(p); return pid != 0 && pid != before })
	if log.count("level=ERROR", "the plugin leaves call after call unanswered") != 1 {
		t.Errorf("nothing says why:\n%s", log.all())
	}
}

// lateContext is one whose deadline has passed and whose timer did not run yet.
type lateContext struct{ context.Context }

func (lateContext) Deadline() (time.Time, bool) { return time.Unix(0, 0), true }

func TestTimeIsUp(t *testing.T) {
	waiting, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		want bool
	}{
		"no deadline":            {t.Context(), false},
		"before the deadline":    {waiting, false},
		"the timer is not heard": {lateContext{t.Context()}, true},
	} {
		if got := timeIsUp(c.ctx); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestPluginCarriesLargeMessages(t *testing.T) {
	p, _ := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec(plugins(t), "action"))
	const size = 8 << 20
	padding := strings.Repeat(" ", size)
	err := p.Do(context.Background(), func(ctx context.Context, c *wire.Client) error {
		_, err := c.Inspect(ctx, []byte(`{"bytes": `+strconv.Itoa(size)+padding+`}`))
		return err
	})
	if err != nil {
		t.Errorf("got %v", err)
	}
}

func TestPluginThatCannotStart(t *testing.T) {
	cases := map[string]struct{ config, want string }{
		"refuses":          {`{"best": 1, "refuse": "no moon tonight"}`, "configure: no moon tonight"},
		"dies of it":       {`{"best": 1, "die": "at once"}`, "configure: its process ended: exit status 6"},
		"is misconfigured": {`{"bets": 1}`, `"best" is required`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, _ := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), sourceSpec(plugins(t), c.config))
			_, err := head(p)
			if !errors.Is(err, ErrDown) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPluginThatKeepsDyingIsReportedTwice(t *testing.T) {
	for name, c := range map[string]struct{ die, want string }{
		"by a panic": {"panic", "panic: the sky fell"},
		"by exit":    {"exit", "exit status 4"},
	} {
		t.Run(name, func(t *testing.T) {
			logger, log := newRecords()
			p, _ := keep(t, newSupervisor(t, logger), sourceSpec(plugins(t), `{"best": 1, "die": "`+c.die+`"}`))
			eventually(t, "five deaths", func() bool { return log.count("goes down again and again") >= 5 })
			if got := log.count("level=ERROR", "msg=\"the plugin"); got != 2 {
				t.Errorf("%d errors:\n%s", got, log.all())
			}
			if log.count("the plugin is down", c.want) != 1 {
				t.Errorf("no line says %q:\n%s", c.want, log.all())
			}
			if _, err := head(p); err == nil {
				t.Error("it answers")
			}
		})
	}
}

func TestPluginIsWellAgain(t *testing.T) {
	logger, log := newRecords()
	s := newSupervisor(t, logger)
	s.times.firstPause, s.times.longestPause, s.times.well = 20*time.Millisecond, time.Minute, 300*time.Millisecond
	p, _ := keep(t, s, spec(plugins(t), "action"))
	pid := upPid(t, p)
	for range 3 {
		pid = replaced(t, p, pid)
	}
	eventually(t, "the report", func() bool {
		said := log.all()
		return strings.LastIndex(said, "the plugin is well again") > strings.LastIndex(said, "again_in=")
	})
	if log.count("level=INFO", "the plugin is up") == 0 {
		t.Errorf("its first return is not said:\n%s", log.all())
	}
	replaced(t, p, pid)
	said := log.all()
	text, _, _ := strings.Cut(said[strings.LastIndex(said, "again_in=")+len("again_in="):], "\n")
	pause, err := time.ParseDuration(text)
	if err != nil || pause > 30*time.Millisecond {
		t.Errorf("the pause after it was well is %s, %v, like that of a plugin that keeps dying:\n%s", pause, err, said)
	}
}

// replaced kills a plugin's process and returns the id of the next.
func replaced(t *testing.T, p *Plugin, pid int) (next int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a new process", func() bool {
		next = pidOf(p)
		return next != 0 && next != pid
	})
	return next
}

func TestPluginOutputIsKept(t *testing.T) {
	logger, log := newRecords()
	p, stop := keep(t, newSupervisor(t, logger), sourceSpec(plugins(t), `{"best": 7, "garbage": "{\"@message\":5}\n{\"@level\":[],\"@message\":{}}\nplain", "print": "printed"}`))
	if got, err := head(p); err != nil || got.Best != 7 {
		t.Fatalf("got %v, %v", got, err)
	}
	stop()
	for _, words := range [][]string{
		{"level=WARN", `"source started"`, "best=7", "plugin=block.source"},
		{"level=INFO", "msg=5"},
		{"level=INFO", "msg=map[]"},
		{"level=INFO", "msg=plain"},
		{"level=INFO", "msg=printed", "stream=stdout"},
	} {
		if log.count(words...) != 1 {
			t.Errorf("no line with %q:\n%s", words, log.all())
		}
	}
}

func TestPluginSeesOnlyWhatItMay(t *testing.T) {
	t.Setenv("HW_SECRET", "s")
	t.Setenv("HW_NAMED", "n")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	spec := sourceSpec(plugins(t), `{"best": 1}`)
	spec.Env = append(spec.Env, "HW_NAMED", "HW_NOT_SET")
	spec.Set = []string{"HW_SET=1"}
	p, _ := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec)
	got, err := head(p)
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"HW_NAMED": true, "HW_SET": true, "GORACE": true, "HEADWATCH_PLUGIN": true, "HEADWATCH_LIFELINE": true}
	for _, name := range usualVariables() {
		allowed[name] = true
	}
	for _, name := range strings.Fields(got.Hash) {
		if !allowed[name] && !strings.HasPrefix(name, "PLUGIN_") {
			t.Errorf("it sees %s", name)
		}
	}
	if !holdsAll(got.Hash, []string{"HW_NAMED", "HW_SET", "HTTPS_PROXY", "PATH"}) {
		t.Errorf("it sees only %s", got.Hash)
	}
}

// execute asks for one act that lasts until the returned function is called.
func execute(t *testing.T, p *Plugin, id string) (finish func(), outcome <-chan error) {
	t.Helper()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- p.Do(context.Background(), func(ctx context.Context, c *wire.Client) error {
			_, err := c.Execute(ctx, []byte(`{"file": "`+pipe+`"}`), sdk.Request{ID: id})
			return err
		})
	}()
	// Opening returns when the act has opened the other end.
	end, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() { end.Close() }, ended
}

func TestPluginEndsAfterItsAct(t *testing.T) {
	p, stop := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec(plugins(t), "action"))
	finish, outcome := execute(t, p, "one")
	stopped := make(chan struct{})
	go func() {
		stop()
		close(stopped)
	}()
	eventually(t, "the refusal of new calls", func() bool { return pidOf(p) == 0 })
	select {
	case <-stopped:
		t.Fatal("the plugin ended in the middle of its act")
	default:
	}
	finish()
	if err := <-outcome; err != nil {
		t.Errorf("the act failed: %v", err)
	}
	<-stopped
}

func TestPluginEndsWithAnActThatHangs(t *testing.T) {
	s := newSupervisor(t, slog.New(slog.DiscardHandler))
	s.times.drain = 50 * time.Millisecond
	p, stop := keep(t, s, spec(plugins(t), "action"))
	pid := upPid(t, p)
	finish, outcome := execute(t, p, "one")
	defer finish()
	stop()
	awaitGone(t, pid)
	if err := <-outcome; err == nil {
		t.Error("the act ended well")
	}
}

func TestPluginThatHangsIsEnded(t *testing.T) {
	p, stop := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec(plugins(t), "action"))
	pid := upPid(t, p)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	stop()
	awaitGone(t, pid)
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestPluginTakesItsChildrenAlong(t *testing.T) {
	p, _ := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec(plugins(t), "action"))
	first := upPid(t, p)
	child := 0
	err := p.Do(context.Background(), func(ctx context.Context, c *wire.Client) error {
		state, err := c.Inspect(ctx, []byte(`{"do": "child"}`))
		if err == nil {
			child, err = strconv.Atoi(state.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	replaced(t, p, first)
	awaitGone(t, child)
}
