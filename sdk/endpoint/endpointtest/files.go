package endpointtest

import (
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

// host is what the server of a file is called.
const host = "node.test"

// Files tests a head source against what endpoints have answered. Each file is a
// txtar archive. Its parts are the config (its url is http://node.test where it
// has none), the answers of a [Node], and what must come of them: the part want
// is the head, or error the error, with pause where it asks for one. With a part own
// the node at the endpoint is asked about itself. Each line of the part log must be
// logged. The part now is what the clock says.
func Files(t *testing.T, pattern string, newSource func(endpoint.Settings) sdk.HeadSource) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c := answersFile{node: NewNode(), parts: map[string]string{}}
			for _, part := range archive.Files {
				c.add(part.Name, strings.TrimSpace(string(part.Data)))
			}
			synctest.Test(t, func(t *testing.T) { c.run(t, newSource) })
		})
	}
}

// answersFile is one such file.
type answersFile struct {
	node  *Node
	parts map[string]string
}

func (c *answersFile) add(name, text string) {
	switch name {
	case "config", "own", "want", "error", "pause", "log", "now":
		c.parts[name] = text
	default:
		c.node.Answers[name] = text
	}
}

func (c *answersFile) run(t *testing.T, newSource func(endpoint.Settings) sdk.HeadSource) {
	if now, ok := c.parts["now"]; ok {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(at))
	}
	network := New(t)
	network.Serve(host, c.node)
	logger, log := NewLog()
	source := plugintest.ServeHeadSource(t, newSource(endpoint.Settings{Dial: network.Dial, Log: logger}), c.config(t))
	ask := source.GetHead
	if _, own := c.parts["own"]; own {
		ask = source.GetNode
	}
	head, err := ask()
	for line := range strings.Lines(c.parts["log"]) {
		if !strings.Contains(log.String(), strings.TrimSpace(line)) {
			t.Errorf("the log holds no %s\n%s", line, log)
		}
	}
	if want, ok := c.parts["error"]; ok {
		c.judgeError(t, head, err, want)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var want sdk.Head
	if err := json.Unmarshal([]byte(c.parts["want"]), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, head); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	for name := range c.node.Answers {
		if c.node.Asked(name) != 1 {
			t.Errorf("%s was asked %d times, want once", name, c.node.Asked(name))
		}
	}
}

// config is the config with an address.
func (c *answersFile) config(t *testing.T) string {
	config := map[string]any{}
	if err := json.Unmarshal([]byte(c.parts["config"]), &config); err != nil {
		t.Fatal(err)
	}
	if config["url"] == nil {
		config["url"] = "http://" + host
	}
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (c *answersFile) judgeError(t *testing.T, head sdk.Head, err error, want string) {
	if err == nil || err.Error() != want {
		t.Fatalf("got head %d, error\n%v\nwant error\n%s", head.Best, err, want)
	}
	pause := ""
	if e := (*sdk.Error)(nil); errors.As(err, &e) && e.Pause() > 0 {
		pause = e.Pause().String()
	}
	if pause != c.parts["pause"] {
		t.Errorf("got a pause of %q, want %q", pause, c.parts["pause"])
	}
}

// Log is a log that can be read while it is written.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// NewLog is a logger of every level, and what it has logged.
func NewLog() (*slog.Logger, *Log) {
	l := &Log{}
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})), l
}

// Write takes a line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is what was logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
