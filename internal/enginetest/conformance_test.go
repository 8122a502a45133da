package enginetest

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/google/go-cmp/cmp"
)

// TestConformance runs the same black-box cases against the stand-in and the
// real engine. A case that passes against one only shows where the stand-in is
// not honest.
func TestConformance(t *testing.T) {
	groups := map[string][]conformanceCase{"call": callCases, "log": logCases, "follow": followCases, "act": actCases, "event": eventCases}
	run := func(t *testing.T, l *lab) {
		// Alone, since it drives out what others look for.
		t.Run("event 256 are kept", func(t *testing.T) { keptEventsCase(t, l) })
		for group, cases := range groups {
			for _, c := range cases {
				t.Run(group+" "+c.name, func(t *testing.T) {
					t.Parallel()
					c.run(t, l)
				})
			}
		}
	}
	t.Run("stand-in 20.10", func(t *testing.T) {
		run(t, &lab{Client(t, Start(t, Options{})), ScriptImage})
	})
	t.Run("stand-in 28.5", func(t *testing.T) {
		run(t, &lab{Client(t, Start(t, Options{Personality: Docker28()})), ScriptImage})
	})
	t.Run("real", func(t *testing.T) {
		api := RealEngine(t)
		run(t, &lab{api, Image(t, api, "./scriptcmd")})
	})
}

type conformanceCase struct {
	name string
	run  func(t *testing.T, l *lab)
}

// lab is an engine with the script image.
type lab struct {
	*client.Client
	image string
}

// create makes a container of a script.
func (l *lab) create(t *testing.T, spec Spec) string {
	t.Helper()
	spec.Image = l.image
	return NewContainer(t, l.Client, spec)
}

// run makes a container and starts it.
func (l *lab) run(t *testing.T, steps ...string) string {
	t.Helper()
	return l.runSpec(t, Spec{Args: steps})
}

func (l *lab) runSpec(t *testing.T, spec Spec) string {
	t.Helper()
	id := l.create(t, spec)
	if err := l.ContainerStart(t.Context(), id, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	return id
}

// finished makes a container, starts it and waits for its end.
func (l *lab) finished(t *testing.T, spec Spec) string {
	t.Helper()
	id := l.runSpec(t, spec)
	l.wait(t, id)
	return id
}

func (l *lab) wait(t *testing.T, id string) {
	t.Helper()
	over, failed := l.ContainerWait(t.Context(), id, container.WaitConditionNotRunning)
	select {
	case <-over:
	case err := <-failed:
		t.Fatal(err)
	}
}

func (l *lab) inspect(t *testing.T, id string) container.InspectResponse {
	t.Helper()
	c, err := l.ContainerInspect(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func stamp(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// call makes a request without the client's checks. path has its version.
func (l *lab) call(t *testing.T, method, path string) *http.Response {
	t.Helper()
	host := "engine" // a unix socket needs none
	if address, ok := strings.CutPrefix(l.DaemonHost(), "tcp://"); ok {
		host = address
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+host+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := l.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() }) // read to its end or given up
	return answer
}

func (l *lab) path(format string, args ...any) string {
	return "/v" + l.ClientVersion() + fmt.Sprintf(format, args...)
}

// gotFrame is one record as it came.
type gotFrame struct {
	Stream byte
	At     time.Time
	Text   string
}

// frames reads a log to its end.
func (l *lab) frames(t *testing.T, id, query string) []gotFrame {
	t.Helper()
	answer := l.call(t, "GET", l.path("/containers/%s/logs?timestamps=1&%s", id, query))
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body) // for the message below only
		t.Fatalf("read log: %s: %s", answer.Status, text)
	}
	in := newFrameReader(answer.Body)
	var all []gotFrame
	for {
		f, err := in.next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("read log: %v after %d frames", err, len(all))
		}
		all = append(all, f)
	}
}

type frameReader struct{ *bufio.Reader }

func newFrameReader(r io.Reader) *frameReader { return &frameReader{bufio.NewReader(r)} }

// next returns io.EOF only at a clean end between two frames.
func (r *frameReader) next() (gotFrame, error) {
	var header [8]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return gotFrame{}, err
	}
	body := make([]byte, binary.BigEndian.Uint32(header[4:]))
	if _, err := io.ReadFull(r, body); err != nil {
		return gotFrame{}, fmt.Errorf("in a frame: %w", err)
	}
	before, text, _ := strings.Cut(string(body), " ")
	at, err := time.Parse(time.RFC3339Nano, before)
	if err != nil {
		return gotFrame{}, err
	}
	return gotFrame{header[0], at, text}, nil
}

func texts(frames []gotFrame) []string {
	out := []string{}
	for _, f := range frames {
		out = append(out, f.Text)
	}
	return out
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// seconds writes a time as queries want it.
func seconds(at time.Time) string { return fmt.Sprintf("%d.%09d", at.Unix(), at.Nanosecond()) }

// actions returns what happened to a container since a moment, the oldest
// first, with the signal or the exit code.
func (l *lab) actions(t *testing.T, since time.Time, id, filter string) []string {
	t.Helper()
	out := []string{}
	for _, m := range l.events(t, url.Values{"since": {seconds(since)}, "until": {seconds(time.Now())}, "filters": {filter}}) {
		if m.Type == "container" && m.Actor.ID == id {
			out = append(out, strings.TrimSpace(m.Action+" "+m.Actor.Attributes["signal"]+m.Actor.Attributes["exitCode"]))
		}
	}
	return dieBeforeStop(out)
}

// events reads a stream of events to its end.
func (l *lab) events(t *testing.T, query url.Values) (all []message) {
	t.Helper()
	decoder := json.NewDecoder(l.call(t, "GET", l.path("/events?%s", query.Encode())).Body)
	for {
		var m message
		if err := decoder.Decode(&m); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
}

// dieBeforeStop puts the two into one order, since engines promise none.
func dieBeforeStop(actions []string) []string {
	for i := 1; i < len(actions); i++ {
		if actions[i-1] == "stop" && strings.HasPrefix(actions[i], "die") {
			actions[i-1], actions[i] = actions[i], actions[i-1]
		}
	}
	return actions
}
