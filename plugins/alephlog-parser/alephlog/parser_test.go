package alephlog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headwatch/headwatch/sdk"
)

func TestDamagedText(t *testing.T) {
	cases := []struct {
		name, line string
		want       []sdk.Event
	}{
		{"emoji cut in half", "2025-03-01 12:00:01 \xe2\x9c Imported #7 (0x12ab…34cd)", []sdk.Event{sdk.BlockImported{Number: 7}}},
		{"Latin-1", "2025-03-01 12:00:01 \xe9 Imported #7 (0x12ab\x8534cd)", []sdk.Event{sdk.BlockImported{Number: 7}}},
		{"arrow lost", "2025-03-01 12:00:01 ? Imported #7 (0x12ab?34cd ? 0x56ab?78cd)", []sdk.Event{sdk.BlockImported{Number: 7}}},
		{"replacement characters", "2025-03-01 12:00:01 �� Imported #7 (0x12ab�34cd)", []sdk.Event{sdk.BlockImported{Number: 7}}},
		{"no brackets closed", "2025-03-01 12:00:01 ✨ Imported #7 (0x12ab…34cd", nil},
		{"binary", "\x00\x01\x02\xff\xfe\xfd", nil},
		{"colour without end", "2025-03-01 12:00:01 ✨ Imported #7 \x1b[1;3", nil},
		{"colours everywhere", "\x1b[2m2025\x1b[0m-03-01 12:00:01 ✨ \x1b[1mImported\x1b[0m #\x1b[1m7\x1b[0m (\x1b[3m0x12ab…34cd\x1b[0m)",
			[]sdk.Event{sdk.BlockImported{Number: 7}}},
		{"record without end", `{"log":"2025-03-01 12:00:01 ✨ Imported #7 (0x12ab…34cd)`, []sdk.Event{sdk.BlockImported{Number: 7}}},
		{"record with a bad escape", `{"log":"2025-03-01 12:00:01 ✨ Imported #7 (0x12ab\u20`, nil},
		{"record of something else", `{"message":"2025-03-01 12:00:01 ✨ Imported #7 (0x12ab…34cd)"}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, parse(New(), c.line)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFatalMessageIsShortUTF8(t *testing.T) {
	line := "Thread 'main' panicked at '\xff\xfe" + strings.Repeat("ü", 5000)
	events := parse(New(), line)
	if len(events) != 1 {
		t.Fatalf("got %d events, want 1", len(events))
	}
	message := events[0].(sdk.FatalCause).Message
	if !utf8.ValidString(message) || len(message) > maxMessage || len(message) < maxMessage/2 {
		t.Errorf("message of %d bytes, valid UTF-8: %v", len(message), utf8.ValidString(message))
	}
}

// TestCutLine gives lines without their end, where a number may miss digits.
func TestCutLine(t *testing.T) {
	lines := []string{
		"2025-03-01 12:00:01 📦 Highest known block at #1050",
		"2025-03-01 12:00:01 🎁 Prepared block for proposing at 1050",
		"2025-03-01 12:00:01 🔖 Pre-sealed block for proposal at 1050",
		"2025-03-01 12:00:01 ✌️  version 15.2.0-36ed",
		"2025-03-01 12:00:01 Running session 1166",
		"2025-03-01 12:00:01 ✨ Imported #1050",
		"2025-03-01 12:00:01 Imported: #1050 (0x1111…aaaa), finalized: #10",
	}
	for _, line := range lines {
		var state State
		New().ParseLine(&state, sdk.Line{Text: []byte(line), Truncated: true}, func(e sdk.Event) {
			t.Errorf("%q said %v", line, e)
		})
	}
}

// TestLongLine holds that a long line says what its start says.
func TestLongLine(t *testing.T) {
	long := "2025-03-01 12:00:01.200  INFO tokio-runtime-worker sc_basic_authorship::basic_authorship: 🎁 Prepared block " +
		"for proposing at 7 (3 ms) [hash: 0x88; parent_hash: 0x66…ff; extrinsics (99999): [" +
		strings.Repeat("0x1234…abcd, ", 1<<17)
	record := `{"log":"` + long + `\n","stream":"stderr"}`
	want := []sdk.Event{sdk.BlockProduced{Number: 7, Step: sdk.Prepared}}
	for _, line := range []string{long, record, "\x1b[0m" + long} {
		if diff := cmp.Diff(want, parse(New(), line)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	}
	far := "2025-03-01 12:00:01 " + strings.Repeat(" ", maxText) + "✨ Imported #7 (0x12ab…34cd)"
	if got := parse(New(), far, strings.Repeat("[", 1<<20), strings.Repeat("✨", 1<<20)); got != nil {
		t.Errorf("got %v, want nothing", got)
	}
}

// TestKeepsNothing overwrites a line after it was parsed.
func TestKeepsNothing(t *testing.T) {
	lines := []string{
		"2025-03-01 12:00:01 [Relaychain] ✨ Imported #7 (0x12ab…34cd)",
		"2025-03-01 12:00:01 ✌️  version 15.2.0-36ed9faa3fd",
		"Thread 'main' panicked at 'oh', lib.rs:42",
		"2025-03-01 12:00:01 [Parachain] ✨ Imported #8 (0x12ab…34cd)",
	}
	want := parse(New(), lines...)
	var (
		state State
		got   []sdk.Event
	)
	for _, line := range lines {
		text := []byte(line)
		New().ParseLine(&state, sdk.Line{Text: text}, func(e sdk.Event) { got = append(got, e) })
		copy(text, bytes.Repeat([]byte("#"), len(text)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestNoAllocation holds the parser to costing nothing for lines that say
// nothing, which are most of a log at a louder level.
func TestNoAllocation(t *testing.T) {
	lines := []string{
		"",
		"2025-03-01 12:00:01.200  INFO tokio-runtime-worker AlephBFT-member: Member status report: task queue content: none",
		"2025-03-01 12:00:01.200 DEBUG tokio-runtime-worker aleph-party: Running session SessionId(5) as validator",
		"2025-03-01 12:00:01 ♻️  Reorg on #9,0x9999…bb99 to #8,0xaaaa…ccaa, common ancestor #7,0x6666…ff66",
		"\x1b[2m2025-03-01 12:00:01.200\x1b[0m \x1b[32m INFO\x1b[0m tokio-runtime-worker x: nothing",
		`{"log":"2025-03-01 12:00:01 \u2728 nothing\n","stream":"stderr","time":"2025-03-01T12:00:01.2Z"}`,
		"             at /rustc/0000/library/alloc/src/boxed.rs:2029:9",
		"Mar 01 13:47:46 host15 polkadot[21580]: 2023-03-01 13:47:46 nothing",
		"2025-03-01 12:00:01 ✨ Imported #99999999999999999999999999 (0x12ab…34cd)",
		strings.Repeat("0x1234…abcd, ", 1<<16),
	}
	p, state := New(), State{}
	emit := func(e sdk.Event) { t.Errorf("a line without an event said %v", e) }
	for _, line := range lines {
		text := []byte(line)
		allocations := testing.AllocsPerRun(200, func() { p.ParseLine(&state, sdk.Line{Text: text}, emit) })
		// One in many may be a buffer that the collector took from its pool.
		if allocations >= 1 && !raceEnabled {
			t.Errorf("%.80q: %v allocations", line, allocations)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	p := New()
	want := fmt.Sprint(parse(p, infoLines()...))
	results := make(chan string)
	for range 8 {
		go func() { results <- fmt.Sprint(parse(p, infoLines()...)) }()
	}
	for range 8 {
		if got := <-results; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func infoLines() []string {
	var lines []string
	for _, example := range info().Examples {
		lines = append(lines, example.Lines...)
	}
	return lines
}

// TestStaleProposal: a proposal far below the node's own best block is taken by
// nobody.
func TestStaleProposal(t *testing.T) {
	const at = "2025-03-01 12:00:15 "
	for _, test := range []struct {
		number string
		want   []sdk.Event
	}{
		{"990", []sdk.Event{sdk.BlockProduced{Number: 990, Step: sdk.Prepared}, sdk.BlockProduced{Number: 990, Step: sdk.Sealed}}},
		{"989", nil},
	} {
		events := parse(New(), at+"💤 Idle (3 peers), best: #1000 (0x1a1a…1a1a), finalized #998 (0x1b1b…1b1b), ⬇ 1kiB/s ⬆ 2kiB/s",
			at+"🎁 Prepared block for proposing at "+test.number+" (3 ms) [hash: 0x8888; parent_hash: 0x6666…ff66; no extrinsics",
			at+"🔖 Pre-sealed block for proposal at "+test.number+". Hash now 0x9999, previously 0x8888.")
		events = slices.DeleteFunc(events, func(e sdk.Event) bool {
			_, isStep := e.(sdk.BlockProduced)
			return !isStep
		})
		if diff := cmp.Diff(test.want, events, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", test.number, diff)
		}
	}
}
