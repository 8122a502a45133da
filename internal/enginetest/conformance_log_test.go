package enginetest

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
)

var logCases = []conformanceCase{
	{"frames", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"out:to stdout", "sleep:300ms", "err:to stderr"}})
		got := l.frames(t, id, "stdout=1&stderr=1")
		equal(t, "lines", texts(got), []string{"to stdout\n", "to stderr\n"})
		equal(t, "streams", []byte{got[0].Stream, got[1].Stream}, []byte{1, 2})
		if c := l.inspect(t, id); got[0].At.Before(stamp(t, c.State.StartedAt).Add(-time.Second)) || got[1].At.Before(got[0].At) {
			t.Errorf("stamps %v do not follow the start %v", got, c.State.StartedAt)
		}
	}},
	{"since and until are inclusive", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"pace:5ms", "lines:5"}})
		all := l.frames(t, id, "stdout=1&stderr=1")
		third := seconds(all[2].At)
		equal(t, "since", texts(l.frames(t, id, "stdout=1&stderr=1&since="+third)), texts(all[2:]))
		equal(t, "until", texts(l.frames(t, id, "stdout=1&stderr=1&until="+third)), texts(all[:3]))
		equal(t, "a nanosecond later", texts(l.frames(t, id, "stdout=1&stderr=1&since="+seconds(all[2].At.Add(1)))), texts(all[3:]))
	}},
	{"tail comes before since", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"pace:5ms", "lines:5"}})
		all := l.frames(t, id, "stdout=1&stderr=1")
		equal(t, "tail=2", texts(l.frames(t, id, "stdout=1&stderr=1&tail=2")), texts(all[3:]))
		equal(t, "tail=2, since the first", texts(l.frames(t, id, "stdout=1&stderr=1&tail=2&since="+seconds(all[0].At))), texts(all[3:]))
		equal(t, "tail=3, since the last", texts(l.frames(t, id, "stdout=1&stderr=1&tail=3&since="+seconds(all[4].At))), texts(all[4:]))
		equal(t, "tail=0", texts(l.frames(t, id, "stdout=1&stderr=1&tail=0")), []string{})
		equal(t, "tail=all", texts(l.frames(t, id, "stdout=1&stderr=1&tail=all")), texts(all))
		equal(t, "a tail that is no number", texts(l.frames(t, id, "stdout=1&stderr=1&tail=many")), texts(all))
	}},
	{"one stream only", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"out:a", "sleep:300ms", "err:b", "sleep:300ms", "out:c"}})
		read := func(query string) []string {
			return texts(l.frames(t, id, query))
		}
		equal(t, "stdout", read("stdout=1"), []string{"a\n", "c\n"})
		equal(t, "stderr", read("stderr=1"), []string{"b\n"})
		equal(t, "tail counts both", read("stderr=1&tail=2"), []string{"b\n"})
	}},
	{"pieces of a long line", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"long:40000"}})
		got := l.frames(t, id, "stdout=1&stderr=1")
		sizes := []int{}
		for _, f := range got {
			sizes = append(sizes, len(f.Text))
			equal(t, "stamp", f.At, got[0].At)
		}
		equal(t, "sizes", sizes, []int{16384, 16384, 40001 - 2*16384})
		equal(t, "tail counts pieces", len(l.frames(t, id, "stdout=1&stderr=1&tail=1")), 1)
	}},
	{"a line of exactly one piece", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"long:16383", "sleep:20ms", "long:16384"}})
		sizes := []int{}
		for _, f := range l.frames(t, id, "stdout=1&stderr=1") {
			sizes = append(sizes, len(f.Text))
		}
		equal(t, "sizes", sizes, []int{16384, 16384, 1})
	}},
	{"a last line without an end", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"out:whole", "raw:half"}})
		equal(t, "lines", texts(l.frames(t, id, "stdout=1&stderr=1")), []string{"whole\n", "half"})
	}},
	{"bytes that are not UTF-8", func(t *testing.T, l *lab) {
		steps := []string{`raw:a\xff\xfeb\x00\r\n`}
		equal(t, "json-file", texts(l.frames(t, l.finished(t, Spec{Args: steps}), "stdout=1")), []string{"a\uFFFD\uFFFDb\x00\r\n"})
		equal(t, "local", texts(l.frames(t, l.finished(t, Spec{Args: steps, LogDriver: "local"}), "stdout=1")), []string{"a\xff\xfeb\x00\r\n"})
	}},
	{"a terminal", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{TTY: true, Args: []string{"out:one", "sleep:300ms", "err:two"}})
		body := func(query string) string {
			text, err := io.ReadAll(l.call(t, "GET", l.path("/containers/%s/logs?%s", id, query)).Body)
			must(t, err)
			return string(text)
		}
		equal(t, "both streams", body("stdout=1&stderr=1"), "one\r\ntwo\r\n")
		equal(t, "stderr alone", body("stderr=1"), "")
	}},
	{"stamps in a terminal's long line", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{TTY: true, Args: []string{"long:20000"}})
		text, err := io.ReadAll(l.call(t, "GET", l.path("/containers/%s/logs?stdout=1&timestamps=1", id)).Body)
		must(t, err)
		const stampSize = 31
		equal(t, "size", len(text), 2*stampSize+20002)
		first, second := string(text[:stampSize]), string(text[stampSize+16384:][:stampSize])
		equal(t, "second stamp", second, first)
		if !strings.HasSuffix(first, "Z ") {
			t.Errorf("stamp %q does not end in Z and a blank", first)
		}
	}},
	{"the log survives a restart", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"lines:2"}})
		must(t, l.ContainerRestart(t.Context(), id, container.StopOptions{}))
		l.wait(t, id)
		equal(t, "lines", texts(l.frames(t, id, "stdout=1&stderr=1")), []string{"run 1 line 1\n", "run 1 line 2\n", "run 2 line 1\n", "run 2 line 2\n"})
	}},
	{"the type of the content", func(t *testing.T, l *lab) {
		plain, terminal := "", ""
		if !older(l.ClientVersion(), "1.42") {
			plain, terminal = "application/vnd.docker.multiplexed-stream", "application/vnd.docker.raw-stream"
		}
		kind := func(tty bool) string {
			id := l.finished(t, Spec{TTY: tty, Args: []string{"out:x"}})
			return l.call(t, "GET", l.path("/containers/%s/logs?stdout=1&tail=0", id)).Header.Get("Content-Type")
		}
		equal(t, "frames", kind(false), plain)
		equal(t, "terminal", kind(true), terminal)
	}},
}

var followCases = []conformanceCase{
	{"a container that has ended", func(t *testing.T, l *lab) {
		id := l.finished(t, Spec{Args: []string{"lines:2"}})
		equal(t, "backlog and a clean end", texts(l.frames(t, id, "stdout=1&stderr=1&follow=1")), []string{"run 1 line 1\n", "run 1 line 2\n"})
	}},
	{"a container that never ran", func(t *testing.T, l *lab) {
		equal(t, "nothing and a clean end", texts(l.frames(t, l.create(t, Spec{}), "stdout=1&follow=1")), []string{})
	}},
	{"the header comes before the first line", func(t *testing.T, l *lab) {
		id := l.run(t, "wait")
		equal(t, "status", l.status(t, "GET", l.path("/containers/%s/logs?stdout=1&follow=1", id)), 200)
	}},
	{"a stop ends it cleanly", func(t *testing.T, l *lab) {
		id := l.run(t, "out:up", "bye:down", "wait")
		lines := l.follow(t, id, "")
		equal(t, "first", <-lines, "up\n")
		must(t, l.ContainerStop(t.Context(), id, container.StopOptions{}))
		equal(t, "then", <-lines, "down\n")
		equal(t, "end", <-lines, "EOF")
	}},
	{"a restart ends it, and the new run needs a new one", func(t *testing.T, l *lab) {
		id := l.run(t, "lines:1", "wait")
		lines := l.follow(t, id, "")
		equal(t, "first", <-lines, "run 1 line 1\n")
		must(t, l.ContainerRestart(t.Context(), id, container.StopOptions{}))
		equal(t, "end", <-lines, "EOF")
		again := l.follow(t, id, "")
		equal(t, "the old run", <-again, "run 1 line 1\n")
		equal(t, "the new run", <-again, "run 2 line 1\n")
	}},
	{"a kill ends it cleanly", func(t *testing.T, l *lab) {
		id := l.run(t, "out:up", "wait")
		lines := l.follow(t, id, "")
		equal(t, "first", <-lines, "up\n")
		must(t, l.ContainerKill(t.Context(), id, "KILL"))
		equal(t, "end", <-lines, "EOF")
	}},
	{"a removal ends it cleanly", func(t *testing.T, l *lab) {
		id := l.run(t, "out:up", "wait")
		lines := l.follow(t, id, "")
		equal(t, "first", <-lines, "up\n")
		must(t, RemoveContainer(t.Context(), l.Client, id))
		equal(t, "end", <-lines, "EOF")
	}},
	{"tail=0 gives new lines only", func(t *testing.T, l *lab) {
		id := l.run(t, "out:old", "bye:new", "wait")
		all := l.follow(t, id, "")
		equal(t, "old", <-all, "old\n")
		fresh := l.follow(t, id, "tail=0")
		must(t, l.ContainerStop(t.Context(), id, container.StopOptions{}))
		equal(t, "new", <-fresh, "new\n")
	}},
}

// follow opens a log and returns its lines, at the end "EOF" or an error. The
// channel is open so early that nothing written from now on is missed.
func (l *lab) follow(t *testing.T, id, query string) <-chan string {
	t.Helper()
	answer := l.call(t, "GET", l.path("/containers/%s/logs?timestamps=1&stdout=1&stderr=1&follow=1&%s", id, query))
	equal(t, "status", answer.StatusCode, 200)
	lines := make(chan string, 100)
	go func() {
		in := newFrameReader(answer.Body)
		for {
			f, err := in.next()
			if err != nil {
				lines <- err.Error()
				return
			}
			lines <- f.Text
		}
	}()
	return lines
}
