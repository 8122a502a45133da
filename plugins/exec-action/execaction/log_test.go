package execaction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// heard is what a host hears of a log, item by item.
type heard struct {
	t      *testing.T
	items  chan sdk.LogItem
	lines  []string // of the batch that is being told
	cursor []byte
	done   chan error
	cancel context.CancelFunc
}

func (h *heard) Send(item sdk.LogItem) error {
	h.items <- item
	return nil
}

// listen reads a log until the test ends or stop is called.
func listen(t *testing.T, p *plugin, from sdk.ReadFrom) *heard {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	h := &heard{t: t, items: make(chan sdk.LogItem, 10000), done: make(chan error, 1), cancel: cancel}
	go func() { h.done <- p.ReadLog(ctx, aTarget, from, h) }()
	t.Cleanup(func() {
		cancel()
		<-h.done
	})
	return h
}

// stop ends the reading.
func (h *heard) stop() {
	h.t.Helper()
	h.cancel()
	err := <-h.done
	h.done <- err
	if !errors.Is(err, context.Canceled) {
		h.t.Errorf("got error %v", err)
	}
}

// want waits for what comes next, a line or another item in words.
func (h *heard) want(words ...string) {
	h.t.Helper()
	for _, word := range words {
		if got := h.next(); got != word {
			h.t.Fatalf("got %q, want %q", got, word)
		}
	}
}

func (h *heard) next() string {
	h.t.Helper()
	if len(h.lines) > 0 {
		line := h.lines[0]
		h.lines = h.lines[1:]
		return line
	}
	select {
	case item := <-h.items:
		switch item := item.(type) {
		case sdk.Lines:
			for _, line := range item.Lines {
				h.lines = append(h.lines, string(line.Text))
			}
			h.cursor = item.Cursor
			return h.next()
		case sdk.RunStarted:
			return "run " + item.StartedAt.Format("05")
		case sdk.BacklogEnd:
			return "backlog end"
		case sdk.Gap:
			return "gap: " + item.Reason
		case sdk.Unreadable:
			return "unreadable: " + item.Reason
		}
		return fmt.Sprintf("%T", item)
	case <-time.After(patience):
		h.t.Fatal("nothing came")
	}
	return ""
}

// log appends lines to the log of the stand, stamped with these seconds.
func (s *stand) log(lines ...string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, line := range lines {
		second, text, _ := strings.Cut(line, " ")
		fmt.Fprintf(f, "2025-01-01T00:00:%sZ %s\n", second, text)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// logConfig reads the file "log", again and again from its beginning.
func (s *stand) logConfig() Config {
	c := s.config("true")
	c.LogFormat = formatRFC3339
	c.LogRead = []string{`echo "$HEADWATCH_SINCE $HEADWATCH_TAIL" >>asked; cat log`}
	c.LogFollow = []string{"exec tail -n +1 -f log"}
	return c
}

func TestLogIsReadAndFollowed(t *testing.T) {
	s := newStand(t)
	s.log("00 before", "01 one", "02 two", "02 three")
	h := listen(t, s.plugin(s.logConfig()), sdk.ReadFrom{Tail: 500})
	h.want("run 01", "one", "two", "three", "backlog end")
	s.log("02 four", "03 five")
	h.want("four", "five")
	if got := s.read("asked"); got != "2025-01-01T00:00:00.95Z 500\n" {
		t.Errorf("got %q", got)
	}
}

func TestLogIsResumed(t *testing.T) {
	s := newStand(t)
	s.log("01 one", "02 two")
	h := listen(t, s.plugin(s.logConfig()), sdk.ReadFrom{Tail: 500})
	h.want("run 01", "one", "two", "backlog end")
	h.stop()
	s.log("02 three", "03 four")
	h = listen(t, s.plugin(s.logConfig()), sdk.ReadFrom{Cursor: h.cursor})
	h.want("three", "four", "backlog end")
	h.stop()
	if got := s.read("asked"); !strings.HasSuffix(got, "\n2025-01-01T00:00:02Z 1000000\n") {
		t.Errorf("got %q", got)
	}
	s.write("log", "2025-01-01T00:00:04Z six\n") // rotated away
	h = listen(t, s.plugin(s.logConfig()), sdk.ReadFrom{Cursor: h.cursor})
	h.want("gap: the log no longer holds the last line that was read", "six", "backlog end")
	h.stop()
	s.run("2025-01-01T00:00:05Z")
	s.log("05 seven")
	h = listen(t, s.plugin(s.logConfig()), sdk.ReadFrom{Cursor: h.cursor})
	h.want("run 05", "seven", "backlog end")
}

// A reading without following ends with what there is, and never starts the
// command that follows.
func TestLogIsReadOnce(t *testing.T) {
	tests := []struct {
		name   string
		change func(s *stand, c *Config)
		want   []string
		err    string
	}{
		{"a log", func(*stand, *Config) {}, []string{"run 01", "one", "two", "backlog end"}, ""},
		{"a target that does not run", func(s *stand, _ *Config) { s.write("state", `{"exists": false}`) }, []string{"backlog end"}, ""},
		{"a log that cannot be read again", func(_ *stand, c *Config) { c.LogRead, c.LogFormat = nil, formatPlain },
			[]string{"run 01", "gap: what was logged before cannot be read", "backlog end"}, ""},
		{"a log that fails", func(_ *stand, c *Config) { c.LogRead = []string{"exit 3"} }, []string{"run 01"}, "log_read ended with exit code 3"},
		{"a state that cannot be read", func(s *stand, _ *Config) { s.write("state", "{") }, nil, "inspect answered what is no state: unexpected EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStand(t)
			s.log("01 one", "02 two")
			c := s.logConfig()
			c.LogFollow = []string{"echo >followed; exec tail -n +1 -f log"}
			test.change(s, &c)
			h := listen(t, s.plugin(c), sdk.ReadFrom{Tail: 500, NoFollow: true})
			h.want(test.want...)
			err := <-h.done
			h.done <- err
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got error %v, want %q", err, test.err)
			}
			if _, err := os.Stat(filepath.Join(s.dir, "followed")); err == nil {
				t.Error("the log was followed")
			}
		})
	}
}

func TestCursorThatCannotBeRead(t *testing.T) {
	s := newStand(t)
	s.log("01 one")
	h := listen(t, s.plugin(s.logConfig()), sdk.ReadFrom{Cursor: []byte("nonsense"), Tail: 10})
	h.want("gap: the cursor cannot be read", "run 01", "one", "backlog end")
}

// The command ends with its target; the next run is read from its beginning.
func TestNextRun(t *testing.T) {
	s := newStand(t)
	s.log("01 one")
	goOn := s.fifo("go")
	c := s.logConfig()
	c.LogFollow = []string{"read word <go"}
	h := listen(t, s.plugin(c), sdk.ReadFrom{Tail: 500})
	h.want("run 01", "one", "backlog end")
	s.run("2025-01-01T00:00:03Z")
	s.log("02 last words", "03 first", "04 second")
	goOn.write("word\n")
	h.want("run 03", "first", "second")
}

func TestLogThatFails(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"log_read", func(c *Config) { c.LogRead = []string{"cat log; echo no such pod >&2; exit 3"} }, "unreadable: log_read ended with exit code 3: no such pod"},
		{"log_read is slow", func(c *Config) {
			c.LogTimeout = 200 * time.Millisecond
			c.LogRead = []string{"cat log; exec sleep 1000"}
		}, "unreadable: log_read took longer than 200ms and was killed"},
		{"log_read goes on without output", func(c *Config) { c.LogRead = []string{"cat log; exec >/dev/null 2>&1; exec sleep 1000"} }, "unreadable: log_read was ended by signal killed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStand(t)
			s.log("01 one")
			c := s.logConfig()
			test.change(&c)
			h := listen(t, s.plugin(c), sdk.ReadFrom{Tail: 500})
			h.want("run 01", "one", test.want)
		})
	}
}

func TestFollowThatFails(t *testing.T) {
	s := newStand(t)
	s.log("01 one")
	c := s.logConfig()
	c.LogFollow = []string{"[ -e fine ] && exec tail -n +1 -f log; echo refused >&2; exit 2"}
	h := listen(t, s.plugin(c), sdk.ReadFrom{Tail: 500})
	h.want("run 01", "one", "backlog end", "unreadable: log_follow ended with exit code 2: refused", "backlog end")
	s.write("fine", "")
	s.log("02 two")
	for word := h.next(); word != "two"; word = h.next() {
		if word != "backlog end" && !strings.HasPrefix(word, "unreadable: log_follow") {
			t.Fatalf("got %q, want the second line", word)
		}
	}
}

func TestStateThatCannotBeRead(t *testing.T) {
	s := newStand(t)
	s.log("01 one")
	s.write("state", "{")
	h := listen(t, s.plugin(s.logConfig()), sdk.ReadFrom{Tail: 500})
	h.want("unreadable: inspect answered what is no state: unexpected EOF")
	s.run("2025-01-01T00:00:01Z")
	h.want("run 01", "one", "backlog end")
}

func TestLogOfATargetThatDoesNotRun(t *testing.T) {
	s := newStand(t)
	s.write("state", `{"exists": false}`)
	h := listen(t, s.plugin(s.logConfig()), sdk.ReadFrom{Tail: 500})
	h.want("backlog end")
}

// What was printed before somebody listened cannot be read again, and the host
// is told so.
func TestPlainLog(t *testing.T) {
	s := newStand(t)
	out := s.fifo("out")
	c := s.config("true")
	c.LogFollow, c.LogStderr = []string{"read word <out; echo $word; echo trouble >&2; read word <out; echo $word"}, true
	h := listen(t, s.plugin(c), sdk.ReadFrom{Tail: 500})
	h.want("run 01", "gap: what was logged before cannot be read", "backlog end")
	out.write("one\n")
	h.want("one", "trouble")
	out.write("two\n")
	h.want("two", "gap: what was logged before cannot be read")
	out.write("three\n")
	h.want("three", "trouble")
	cursor := h.cursor
	h.stop()
	h = listen(t, s.plugin(c), sdk.ReadFrom{Cursor: cursor})
	h.want("gap: what was logged before cannot be read", "backlog end")
}

// Lines of a run that is noticed late are told again, after its start.
func TestRunThatIsNoticedLate(t *testing.T) {
	s := newStand(t)
	p := s.plugin(s.config("true"))
	h := &heard{t: t, items: make(chan sdk.LogItem, 100)}
	f := &follower{plugin: p, target: aTarget, out: h, live: true, at: position{Run: at("2025-01-01T00:00:01Z")}}
	for _, line := range []string{"2025-01-01T00:00:02Z old", "2025-01-01T00:00:05Z new", "2025-01-01T00:00:06Z newer"} {
		stamp, text, _ := strings.Cut(line, " ")
		if err := f.addLine(sdk.Line{Time: at(stamp), Text: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	s.run("2025-01-01T00:00:05Z")
	if over, err := f.runIsOver(t.Context()); over || err != nil {
		t.Fatalf("got %v, error %v", over, err)
	}
	h.want("old", "new", "newer", "run 05", "new", "newer")
}

// A follower learns of a new run from whoever sees it first.
func TestRunThatACheckSees(t *testing.T) {
	s := newStand(t)
	s.log("01 one")
	p := s.plugin(s.logConfig())
	h := listen(t, p, sdk.ReadFrom{Tail: 500})
	h.want("run 01", "one", "backlog end")
	s.log("02 two") // once it is heard, the log is followed
	h.want("two")
	s.run("2025-01-01T00:00:03Z")
	s.log("03 three")
	if _, err := p.Inspect(t.Context(), aTarget); err != nil {
		t.Fatal(err)
	}
	word := h.next()
	if word == "three" { // as a line of the old run, before the new one was known
		word = h.next()
	}
	if word != "run 03" {
		t.Fatalf("got %q, want run 03", word)
	}
	h.want("three")
}

func TestNoLogIsConfigured(t *testing.T) {
	s := newStand(t)
	err := s.plugin(s.config("true")).ReadLog(t.Context(), aTarget, sdk.ReadFrom{}, &heard{})
	var e *sdk.Error
	if !errors.As(err, &e) || e.Code() != codes.Unimplemented {
		t.Errorf("got error %v", err)
	}
}

// Ending the reading ends the command, and all that it has started.
func TestEndOfAReadingEndsItsCommand(t *testing.T) {
	s := newStand(t)
	held := s.fifo("held")
	s.log("01 one")
	c := s.logConfig()
	c.LogFollow = []string{"(exec sleep 1000 >held) & echo begun >held; exec sleep 1000"}
	h := listen(t, s.plugin(c), sdk.ReadFrom{Tail: 500})
	h.want("run 01", "one", "backlog end")
	held.readLine()
	h.stop()
	held.readEnd()
}

// A flood arrives whole and in order.
func TestFlood(t *testing.T) {
	const lines = 20000
	s := newStand(t)
	c := s.logConfig()
	c.LogRead = []string{fmt.Sprintf(`seq %d | sed 's/^/2025-01-01T00:00:02Z /'`, lines)}
	c.LogFollow = []string{fmt.Sprintf(`seq %d | sed 's/^/2025-01-01T00:00:02Z /'; exec sleep 1000`, lines+1)}
	h := listen(t, s.plugin(c), sdk.ReadFrom{Tail: lines})
	h.want("run 01")
	for i := range lines {
		h.want(fmt.Sprint(i + 1))
	}
	h.want("backlog end", fmt.Sprint(lines+1))
}
