package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/pace"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// readAll reads to the end. A record is listed with its line.
func readAll(in io.Reader) (records []Record, lines []int, warnings []Warning, err error) {
	r := NewReader(in, func(w Warning) { warnings = append(warnings, w) })
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return records, lines, warnings, nil
		}
		if err != nil {
			return records, lines, warnings, err
		}
		records, lines = append(records, record), append(lines, r.Position().Line)
	}
}

const checkLine = `{"t":"2025-03-01T12:00:00Z","check":{}}`

func TestReadLongLines(t *testing.T) {
	long := func(n int) string {
		return `{"t":"2025-03-01T12:00:00Z","log":{"text":"` + strings.Repeat("x", n) + `"}}`
	}
	tests := []struct {
		name     string
		text     string
		lines    []int
		warnings string
	}{
		{"longer than the buffer", checkLine + "\n" + long(1<<20) + "\n" + checkLine + "\n", []int{1, 2, 3}, ""},
		{"longer than the buffer, at the end", long(1 << 20), []int{1}, ""},
		{"too long", checkLine + "\n" + long(maxLine+1<<20) + "\n" + checkLine + "\n", []int{1, 3}, "line 2: skipped: longer than 8388608 bytes"},
		{"too long, at the end", checkLine + "\n" + long(maxLine+1<<20), []int{1}, "line 2: skipped: longer than 8388608 bytes"},
		{"two too long", long(maxLine+1<<20) + "\n" + long(maxLine+1<<20) + "\n\n" + checkLine, []int{4},
			"line 1: skipped: longer than 8388608 bytes\nline 2: skipped: longer than 8388608 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, lines, warnings, err := readAll(strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			var warned []string
			for _, w := range warnings {
				warned = append(warned, w.String())
			}
			if diff := cmp.Diff(test.lines, lines); diff != "" {
				t.Errorf("lines differ (-want +got):\n%s", diff)
			}
			if got := strings.Join(warned, "\n"); got != test.warnings {
				t.Errorf("warnings %q, want %q", got, test.warnings)
			}
		})
	}
}

func TestReadErrorOfTheFile(t *testing.T) {
	broken := errors.New("disk on fire")
	records, _, _, err := readAll(io.MultiReader(strings.NewReader(checkLine+"\n"+checkLine[:10]), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || len(records) != 1 {
		t.Errorf("got %d records, %v; want 1 and the error of the file", len(records), err)
	}
}

func TestReadByteByByte(t *testing.T) {
	text := checkLine + "\n\nnonsense\n" + checkLine
	whole, wholeLines, wholeWarnings, _ := readAll(strings.NewReader(text))
	slow, slowLines, slowWarnings, _ := readAll(iotest.OneByteReader(strings.NewReader(text)))
	if diff := cmp.Diff([]any{whole, wholeLines, wholeWarnings}, []any{slow, slowLines, slowWarnings}); diff != "" {
		t.Error(diff)
	}
}

func TestWarningWithoutLine(t *testing.T) {
	if got := (Warning{Text: "it is empty"}).String(); got != "it is empty" {
		t.Errorf("got %q", got)
	}
}

// everyRecord has one record of each kind, with all that it may say.
func everyRecord() []Record {
	t0 := time.Date(2025, 3, 1, 12, 0, 0, 250e6, time.UTC)
	finalized, best, code := uint64(104999998), uint64(105000000), 137
	return []Record{
		{T: t0, Monitor: "aleph", Target: &rule.Target{Exists: true, Running: true, Paused: true, Restarting: true, StartedAt: t0, FinishedAt: t0,
			ExitCode: &code, OOMKilled: true, Name: "azero", Error: "a > b", MayStart: true, Refuse: "no"}},
		{T: t0, Monitor: "aleph", Target: &rule.Target{}},
		{T: t0, Head: &rule.Head{Source: "onfinality", Best: best, Finalized: &finalized, Hash: "0x12", BlockTime: t0, Endpoint: "https://x"}},
		{T: t0, HeadError: &rule.HeadError{Source: "onfinality", Error: "429 <Too Many Requests>"}},
		{T: t0, Log: NewLog([]byte("✨ Imported #105000001 (0x12ab…34cd) <&>"))},
		{T: t0, Log: NewLog([]byte("\xff\xfe no text"))},
		{T: t0, Log: NewLog(nil)},
		{T: t0, LogError: &rule.LogError{Error: "stream down"}},
		{T: t0, LogGap: &rule.LogGap{Reason: "rotated"}},
		{T: t0, Events: &rule.Log{Lines: 3, Last: t0, Events: []nodelog.Event{
			{Time: t0, Kind: nodelog.BlockImported, Number: 5}, {Kind: nodelog.FatalCause, Name: "panic", Text: "x", Cures: true},
			{Kind: nodelog.FactGiven, Name: "peers", Value: 2.5}, {Kind: nodelog.FactGiven, Name: "ready", Value: true}, {Kind: nodelog.FactGiven, Name: "role", Value: "full"}}}},
		{T: t0, Log: &Log{Text: new("x"), At: t0, Partial: true, Fresh: true}},
		{T: t0, Events: &rule.Log{Partial: true}},
		{T: t0, Action: &rule.Action{Outcome: rule.Failed, Detail: "no such container"}},
		{T: t0, LastAction: &LastAction{Done: t0, Failed: t0}},
		{T: t0, Snapshot: &Snapshot{Version: "1", Rules: []string{"cooldown: 300s"}}},
		{T: t0, Snapshot: &Snapshot{After: t0, Lost: 5, Parser: []byte(`{"n":1}`), State: everything(t0)}},
		{T: t0, Check: &Check{Verdict: rule.Held, Rule: ruleset.RuleSevere, Guard: "dry run", Hold: "state cannot be written"}},
		{T: t0, Check: &Check{Verdict: rule.Act, Rule: ruleset.RuleSevere}},
		{T: t0.Add(time.Second), Check: &Check{}},
	}
}

// everything is a state in which everything is known.
func everything(t0 time.Time) *rule.State {
	finalized, code := uint64(7), 137
	count := nodelog.Reading{Value: uint64(1<<63 + 1), At: t0, Given: true, Doubt: "rotated"}
	event := &nodelog.Event{Time: t0, Kind: nodelog.FatalCause, Name: "panic", Text: "x", Cures: true}
	return &rule.State{First: t0, Name: "azero", Unreadable: "stream down", Done: t0, Failed: t0, Fetched: 3, UnknownSince: t0,
		Target: &rule.Target{Exists: true, Running: true, StartedAt: t0, FinishedAt: t0, ExitCode: &code, Name: "azero"},
		Heads: map[string]rule.HeadReport{"one": {At: t0, Head: rule.Head{Source: "one", Best: 10, Finalized: &finalized, Hash: "0x1", BlockTime: t0, Endpoint: "https://x"}},
			"two": {At: t0, Error: "refused"}},
		Run: rule.Run{StartedAt: t0, Began: t0, LastLine: t0, Gap: &rule.Gap{At: t0, Reason: "rotated"},
			Log: nodelog.Readings{RaisedAt: t0, Cause: event, Trouble: event, Of: map[string]nodelog.Reading{"synced": count, "finalized": count, "session": count, "major_sync": {Value: true, At: t0, Given: true},
				"producing": {Prepared: true, Sealed: true, At: t0, Doubt: "gap"}, "fact.peers": {Value: 2.5, At: t0, Given: true},
				"fact.role": {Value: "full", At: t0, Given: true}, "fact.full": {Value: true, At: t0, Given: true}}},
			Before: &pace.Sample{At: t0, Synced: 9, Lag: 1, LagOK: true}, Trend: []pace.Sample{{At: t0, Synced: 9, Lag: 1, LagOK: true}},
			Since: map[string]time.Time{ruleset.RuleSevere: t0}}}
}

func TestWriteThenRead(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	for _, record := range everyRecord() {
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(b.String(), `\u003c`) || !strings.Contains(b.String(), "<&>") {
		t.Errorf("the trace escapes HTML:\n%s", b.String())
	}
	records, lines, warnings, err := readAll(&b)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("error %v, warnings %v", err, warnings)
	}
	if diff := cmp.Diff(everyRecord(), records); diff != "" {
		t.Errorf("records differ (-written +read):\n%s", diff)
	}
	if len(lines) != len(records) || lines[len(lines)-1] != len(records) {
		t.Errorf("lines %v, want one a record", lines)
	}
}

// The forms of the records that operators and tools write by hand.
func TestWrittenForm(t *testing.T) {
	east := time.Date(2025, 3, 1, 13, 0, 0, 0, time.FixedZone("", 3600))
	best := uint64(105000000)
	tests := []struct {
		record Record
		want   string
	}{
		{Record{T: east, Monitor: "aleph", Check: &Check{}}, `{"t":"2025-03-01T12:00:00Z","monitor":"aleph","check":{}}`},
		{Record{T: east, Monitor: "aleph", Target: &rule.Target{Exists: true, Running: true, StartedAt: east}},
			`{"t":"2025-03-01T12:00:00Z","monitor":"aleph","target":{"exists":true,"running":true,"started_at":"2025-03-01T13:00:00+01:00"}}`},
		{Record{T: east, Head: &rule.Head{Source: "onfinality", Best: best}}, `{"t":"2025-03-01T12:00:00Z","head":{"source":"onfinality","best":105000000}}`},
		{Record{T: east, Log: NewLog([]byte("a\xffb"))}, `{"t":"2025-03-01T12:00:00Z","log":{"base64":"Yf9i"}}`},
		{Record{T: east, Log: NewLog([]byte("a > b"))}, `{"t":"2025-03-01T12:00:00Z","log":{"text":"a > b"}}`},
	}
	for _, test := range tests {
		var b bytes.Buffer
		if err := NewWriter(&b).Write(test.record); err != nil || b.String() != test.want+"\n" {
			t.Errorf("got  %s, %v\nwant %s", b.String(), err, test.want)
		}
	}
}

func TestWriterRefusesWhatNoReaderTakes(t *testing.T) {
	now := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		record Record
		want   string
	}{
		{"no time", Record{Check: &Check{}}, "write record: record has no t"},
		{"no kind", Record{T: now}, "write record: record is of no kind"},
		{"two kinds", Record{T: now, Check: &Check{}, LogGap: &rule.LogGap{}}, "write record: record is of more than one kind"},
		{"no outcome", Record{T: now, Action: &rule.Action{}}, `write record: action record has the unknown outcome ""`},
		{"no text", Record{T: now, Log: &Log{}}, "write record: log record has neither text nor base64"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			err := NewWriter(&b).Write(test.record)
			if err == nil || err.Error() != test.want || b.Len() > 0 {
				t.Errorf("got %v and %q, want %s", err, b.String(), test.want)
			}
		})
	}
}

func TestWriterReportsItsFile(t *testing.T) {
	full := errors.New("disk full")
	err := NewWriter(failing{full}).Write(everyRecord()[0])
	if !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// FuzzReader: whatever the bytes, the reader ends, counts its lines as they are,
// lets t go back with a snapshot only, and what it took can be written and read again.
func FuzzReader(f *testing.F) {
	var b bytes.Buffer
	for _, record := range everyRecord() {
		if err := NewWriter(&b).Write(record); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(b.Bytes())
	for _, text := range []string{"", "\n\n", checkLine, checkLine + "\r\n" + checkLine, "null\n[]\n{}\n\"x\"\n" + checkLine,
		`{"t":"2025-03-01T12:00:00+25:00","check":{}}`, `{"t":"0000-01-01T00:00:00Z","check":{}}`, `{"t":"9999-12-31T23:59:59-23:59","check":{}}`,
		`{"t":"2025-03-01T12:00:00Z","log":{"text":"\ud800","base64":null}}`, `{"T":"2025-03-01T12:00:00Z","LOG":{"Text":"x"}}`,
		checkLine + "\n" + `{"t":"2024-03-01T12:00:00Z","log_gap":{}}` + "\n" + `{"t":"2025-03-01T12:00:00Z","events":{"events":[{"kind":"fact","value":{"a":[1e999]}}]}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		records, lines, warnings, err := readAll(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		total := bytes.Count(data, []byte("\n"))
		if len(data) > 0 && data[len(data)-1] != '\n' {
			total++
		}
		checkNumbers(t, lines, warnings, total)
		for i, record := range records {
			if i > 0 && record.T.Before(records[i-1].T) && record.Snapshot == nil {
				t.Fatalf("t goes back in line %d", lines[i])
			}
			rereads(t, record)
		}
	})
}

// The short cut for log records must take them as the general decoder does.
func FuzzPlainLog(f *testing.F) {
	for _, line := range []string{
		`{"t":"2025-03-01T12:00:01.5Z","monitor":"aleph","log":{"text":"✨ Imported #105000001 (0x12ab…34cd)"}}`,
		`{"t":"2025-03-01T13:00:00+01:00","log":{"text":""}}` + "\r\n",
		`{"t":"2025-03-01T13:00:00Z","log":{"text":"x","at":"2025-03-01T12:59:59.5Z"}}`,
		`{"t":"2025-03-01T13:00:00Z","log":{"text":"x","at":"","at":null}}`,
		`{"t":"2025-03-01T12:00:00Z","monitor":"","log":{"text":"a\"b"}}`,
		`{"t":"2025-03-01T12:00:00Z","monitor":"a\u0062","log":{"text":"x"}}`,
		`{"t":"2025-03-01 12:00:00Z","log":{"text":"x"}}`,
		`{"t":"0000-03-01T12:00:00Z","log":{"text":"x"}}`,
		`{"t":"2025-03-01T12:00:00Z","log":{"text":"x"},"check":{}}`,
		`{"t":"2025-03-01T12:00:00Z","log":{"text":"x"}}}`,
		"{\"t\":\"2025-03-01T12:00:00Z\",\"log\":{\"text\":\"\xff\"}}",
		"{\"t\":\"2025-03-01T12:00:00Z\",\"log\":{\"text\":\"\t\u2028\"}}",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		short, ok := plainLog(line, "aleph")
		if !ok {
			return
		}
		general, err := parseRecord(line)
		if err != nil {
			t.Fatalf("took %q, which is: %v", line, err)
		}
		if diff := cmp.Diff(general, short); diff != "" {
			t.Fatalf("took %q in another way (-general +short):\n%s", line, diff)
		}
	})
}

// What a Writer writes has to take the short cut, or it is of no use.
func TestPlainLogTakesWhatIsWritten(t *testing.T) {
	at := time.Date(2025, 3, 1, 11, 59, 59, 0, time.UTC)
	for _, stamp := range []time.Time{{}, at} {
		var b bytes.Buffer
		record := Record{T: time.Date(2025, 3, 1, 12, 0, 0, 5e6, time.UTC), Monitor: "aleph", Log: NewLog([]byte("✨ Imported #105000001 (0x12ab…34cd) <&>"))}
		record.Log.At = stamp
		if err := NewWriter(&b).Write(record); err != nil {
			t.Fatal(err)
		}
		got, ok := plainLog(b.Bytes(), "aleph")
		if diff := cmp.Diff(record, got); !ok || diff != "" {
			t.Errorf("took it: %v (-want +got):\n%s", ok, diff)
		}
	}
}

// checkNumbers: the numbers of lines rise, end within the file, and no line is
// both used and skipped.
func checkNumbers(t *testing.T, lines []int, warnings []Warning, total int) {
	t.Helper()
	skipped := map[int]bool{}
	for _, w := range warnings {
		if w.Line < 1 || w.Line > total {
			t.Fatalf("warning of line %d of %d", w.Line, total)
		}
		if strings.HasPrefix(w.Text, "skipped") {
			skipped[w.Line] = true
		}
	}
	for i, line := range lines {
		if line > total || i > 0 && line <= lines[i-1] || i == 0 && line < 1 || skipped[line] {
			t.Fatalf("record %d is of line %d of %d, after %v", i, line, total, lines[:i])
		}
	}
}

func rereads(t *testing.T, record Record) {
	t.Helper()
	if record.T.UTC().Year() < 0 || record.T.UTC().Year() > 9999 {
		return // in another zone than UTC it is a year that RFC 3339 has
	}
	var b bytes.Buffer
	if err := NewWriter(&b).Write(record); err != nil {
		t.Fatalf("write what was read: %v", err)
	}
	again, err := parseRecord(b.Bytes())
	if err != nil {
		t.Fatalf("read %s again: %v", b.Bytes(), err)
	}
	if got, want := fmt.Sprintf("%#v", again.observation()), fmt.Sprintf("%#v", record.observation()); record.Target == nil && record.Head == nil && record.Events == nil && got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}
