package plugintest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Host plays the host for one plugin. What its calls return is what a host
// would see, and so are its errors: an [sdk.Error] with the status that
// travelled.
type Host struct {
	t      testing.TB
	client *wire.Client
	log    *buffer
	state  []byte
	read   int
}

// limit bounds every call, so that a test ends.
const limit = 30 * time.Second

// ServeHeadSource serves a head source with a config, a JSON object or empty,
// until the test ends. A config that is refused fails the test; [Validate]
// tells about such a one.
func ServeHeadSource(t testing.TB, source sdk.HeadSource, config string) *Host {
	t.Helper()
	log := &buffer{}
	return serve(t, sdk.InProcessHeadSource(testInfo(), source, log), log, config)
}

// ServeLogParser serves a log parser with a config.
func ServeLogParser[S any](t testing.TB, parser sdk.LogParser[S], config string) *Host {
	t.Helper()
	log := &buffer{}
	return serve(t, sdk.InProcessLogParser(testInfo(), parser, log), log, config)
}

// ServeAction serves an action with a config, and its log where it has one.
func ServeAction[T any](t testing.TB, action sdk.Action[T], config string) *Host {
	t.Helper()
	log := &buffer{}
	return serve(t, sdk.InProcessAction(testInfo(), action, log), log, config)
}

// ServeLogSource serves a log source with a config.
func ServeLogSource[T any](t testing.TB, source sdk.LogSource[T], config string) *Host {
	t.Helper()
	log := &buffer{}
	return serve(t, sdk.InProcessLogSource(testInfo(), source, log), log, config)
}

func testInfo() sdk.Info {
	return sdk.Info{Name: "under-test", Version: "0.0.0", Description: "is under test"}
}

func serve(t testing.TB, plugin *sdk.InProcess, log *buffer, config string) *Host {
	t.Helper()
	conn, end, err := subject.Connect(plugin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := end(ctx); err != nil {
			t.Error(err)
		}
	})
	h := &Host{t: t, client: wire.NewClient(conn), log: log}
	ctx, cancel := h.context()
	defer cancel()
	found, err := h.client.Configure(ctx, []byte(config))
	if err != nil {
		t.Fatalf("configure: %v", err)
	}
	for _, d := range found {
		if !d.Warning {
			t.Fatalf("configure: %v: %s", d.Path, d.Summary)
		}
	}
	return h
}

func (h *Host) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(h.t.Context()), limit)
}

// Client is the host's own side of the connection, for what the methods of Host
// do not offer.
func (h *Host) Client() *wire.Client { return h.client }

// Log is what the plugin has logged so far through the SDK, one JSON object a
// line. What it logs with slog's default goes to the test's own.
func (h *Host) Log() string { return h.log.String() }

// GetHead asks a head source for the head.
func (h *Host) GetHead() (sdk.Head, error) {
	ctx, cancel := h.context()
	defer cancel()
	return h.client.GetHead(ctx)
}

// GetNode asks a head source about the node at its endpoint.
func (h *Host) GetNode() (sdk.Head, error) {
	ctx, cancel := h.context()
	defer cancel()
	return h.client.GetNode(ctx)
}

// Validate has the plugin judge a config and a target, JSON objects or empty.
func (h *Host) Validate(config, target string) []sdk.Diagnostic {
	h.t.Helper()
	ctx, cancel := h.context()
	defer cancel()
	found, err := h.client.ValidateConfig(ctx, []byte(config), []byte(target))
	if err != nil {
		h.t.Fatalf("validate: %v", err)
	}
	return found
}

// Parse gives a log parser the next lines of one log, and returns what they
// say, in order. The lines are stamped a second apart.
func (h *Host) Parse(lines ...string) []sdk.Event {
	h.t.Helper()
	var given []sdk.Line
	for _, text := range lines {
		given = append(given, sdk.Line{Time: firstStamp().Add(time.Duration(h.read) * time.Second), Text: []byte(text), Stream: sdk.Stdout})
		h.read++
	}
	ctx, cancel := h.context()
	defer cancel()
	state, parsed, err := h.client.Parse(ctx, h.state, given)
	if err != nil {
		h.t.Fatalf("parse: %v", err)
	}
	h.state = state
	var events []sdk.Event
	for _, e := range parsed {
		if e.Later == "" { // a host leaves out what it does not know
			events = append(events, e.Event)
		}
	}
	return events
}

// firstStamp is the stamp of the first line that Parse sends.
func firstStamp() time.Time { return time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC) }

// NewRun has Parse begin a new log: the parser starts from nothing.
func (h *Host) NewRun() { h.state = nil }

// Inspect asks an action for the state of a target, a JSON object.
func (h *Host) Inspect(target string) (sdk.State, error) {
	ctx, cancel := h.context()
	defer cancel()
	return h.client.Inspect(ctx, []byte(target))
}

// Execute asks an action for one act on a target, a JSON object.
func (h *Host) Execute(target string, request sdk.Request) (sdk.Result, error) {
	ctx, cancel := h.context()
	defer cancel()
	return h.client.Execute(ctx, []byte(target), request)
}

// Read is what came of a log.
type Read struct {
	// Items are all items in order; Lines and Cursor are those of its batches,
	// the newest cursor that came.
	Items  []sdk.LogItem
	Lines  []sdk.Line
	Cursor []byte
}

// ReadBacklog reads the log of a target, a JSON object, to the mark of the
// backlog's end.
func (h *Host) ReadBacklog(target string, from sdk.ReadFrom) (Read, error) {
	return h.ReadUntil(target, from, func(item sdk.LogItem) bool {
		_, ended := item.(sdk.BacklogEnd)
		return ended
	})
}

// ReadUntil reads the log of a target until an item that is the last, for which
// last says true.
func (h *Host) ReadUntil(target string, from sdk.ReadFrom, last func(sdk.LogItem) bool) (Read, error) {
	ctx, cancel := h.context()
	defer cancel()
	var read Read
	enough := errors.New("read enough")
	err := h.client.ReadLog(ctx, []byte(target), from, func(item sdk.LogItem) error {
		read.Items = append(read.Items, item)
		if batch, ok := item.(sdk.Lines); ok {
			read.Lines = append(read.Lines, batch.Lines...)
			if batch.Cursor != nil {
				read.Cursor = batch.Cursor
			}
		}
		if last(item) {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		return read, fmt.Errorf("read the log: %w", err)
	}
	return read, nil
}

// buffer takes a plugin's log.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
