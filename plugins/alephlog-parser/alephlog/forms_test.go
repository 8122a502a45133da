package alephlog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

// form is a way in which a line begins. In place of the first %s stands the
// target, in place of the second the message.
type form struct {
	name  string
	print func(target, message string) string
}

func forms() []form {
	plain := func(stamp string) func(string, string) string {
		return func(_, message string) string { return stamp + message }
	}
	full := func(stamp, end string) func(string, string) string {
		return func(target, message string) string { return stamp + target + end + message }
	}
	return []form{
		{"simple", plain("2025-03-01 12:00:01 ")},
		{"simple, two blanks", plain("2025-03-01 12:00:01  ")},
		{"detailed", full("2025-03-01 12:00:01.200  INFO tokio-runtime-worker ", ": ")},
		{"detailed, main", full("2025-03-01 12:00:01.200  INFO                 main ", ": ")},
		{"detailed, number of a thread", full("2025-03-01 12:00:01.200  INFO ThreadId(84) ", ": ")},
		{"microseconds", full("2025-03-01 12:00:01.200123  INFO tokio-runtime-worker ", ": ")},
		{"no year", plain("Mar 23 13:35:15.525  INFO ")},
		{"no date", plain("19:38:46  ")},
		{"RFC 3339", full("2025-03-01T12:00:01.616296Z  INFO ", ": ")},
		{"RFC 3339, no level", plain("2025-03-01T12:00:01Z ")},
		{"2019", full("2019-07-01 22:11:12 tokio-runtime-worker-3 INFO ", "  ")},
		{"2020, no blank", full("2020-12-07 20:58:40.100  INFO tokio-runtime-worker ", ":")},
		{"coloured", full("\x1b[2m2025-03-01 12:00:01.200\x1b[0m \x1b[32m INFO\x1b[0m tokio-runtime-worker ", ": ")},
		{"coloured message", plain("\x1b[2m2020-03-01 12:00:01\x1b[0m \x1b[1;37m")},
		{"docker -t", full("2025-03-01T12:00:01.200123456Z 2025-03-01 12:00:01.200  INFO tokio-runtime-worker ", ": ")},
		{"docker-compose", plain("azero-1   | 2025-03-01 12:00:01 ")},
		{"pm2", plain("0|azero  | 2025-03-01 12:00:01 ")},
		{"journald", full("Mar 01 13:47:46 host15 polkadot[21580]: 2023-03-01 13:47:46.001  INFO tokio-runtime-worker ", ": ")},
		{"Kubernetes", plain("2025-03-01T12:00:01.200123456Z stderr F 2025-03-01 12:00:01 ")},
		{"kubectl", plain("[pod/azero-0/azero] 2025-03-01 12:00:01 ")},
		{"two stamps", plain("2025-05-27 16:46:58 2025-05-27 15:46:58 ")},
		{"two stamps, a tab between", full("2024-12-05 22:54:11.745\t2024-12-05 21:54:11.731  INFO tokio-runtime-worker ", ": ")},
		{"two stamps, a bar between", plain("2023-02-23 04:59:58 | 2023-02-23 12:59:58 ")},
		{"two stamps, glued", plain("2025-05-27 16:46:58.1232025-05-27 15:46:58 ")},
		{"syslog's escapes", full("Mar 01 13:47:46 host azero: #033[2m2025-03-01 12:00:01.200#033[0m #033[32m INFO#033[0m tokio-runtime-worker ", ": ")},
		{"journald around compose", plain("Mar 01 13:47:46 host15 dockerd[904]: azero-1  | 2023-03-01 13:47:46 ")},
		{"journald in another language", plain("янв 02 15:04:18 host parity[1079]: 2018-01-02 15:04:18 ")},
		{"a three-part stamp of 2019", full("2019-04-27 11:43:16.879.880 main INFO ", "  ")},
		{"Kibana", plain("Mar 1, 2025 @ 12:00:01.200\t2025-03-01 12:00:01 ")},
	}
}

// unknown are the events of a log that needs a choice.
func unknown(reason string) []sdk.Event {
	var events []sdk.Event
	for _, name := range []string{"synced", "finalized", targetFact, peersFact, phaseFact} {
		events = append(events, sdk.FactUnknown{Name: name, Reason: reason})
	}
	return events
}

// sentence is a message with what it says.
type sentence struct {
	name, target, text string
	want               []sdk.Event
}

func sentences() []sentence {
	return []sentence{
		{"import", "substrate", "✨ Imported #105000001 (0x12ab…34cd)", []sdk.Event{sdk.BlockImported{Number: 105000001}}},
		{"import without emoji", "substrate", "Imported #7 (0x12ab…34cd)", []sdk.Event{sdk.BlockImported{Number: 7}}},
		{"import with parent", "substrate", "🏆 Imported #7 (0x12ab…34cd → 0x56ab…78cd)", []sdk.Event{sdk.BlockBest{Number: 7}}},
		{"import that is not best", "substrate", "🆕 Imported #7 (0x12ab…34cd → 0x56ab…78cd)", []sdk.Event{sdk.BlockImported{Number: 7}}},
		{"import with prefix", "substrate", "[Parachain] ✨ Imported #7 (0x12ab…34cd)",
			unknown(`the log names its chains and may show a second: set chain = "Parachain" or that one in the log_parser's config`)},
		{"status", "aleph-block-sync", "Imported: #9 (0x1111…aaaa), finalized: #7 (0x2222…bbbb), favourite: #11 (0x1111…aaaa).",
			[]sdk.Event{sdk.BlockBest{Number: 9}, sdk.BlockFinalized{Number: 7}}},
		{"idle", "substrate", "💤 Idle (21 peers), best: #9 (0x1a1a…1a1a), finalized #7 (0x1b1b…1b1b), ⬇ 12.1kiB/s ⬆ 9.9kiB/s",
			[]sdk.Event{sdk.BlockBest{Number: 9}, sdk.BlockFinalized{Number: 7}, sdk.SyncState{},
				sdk.Fact{Name: phaseFact, Value: "idle"}, sdk.Fact{Name: peersFact, Value: 21.0}}},
		{"syncing", "substrate", "⚙️  Syncing 37.6 bps, target=#99 (2 peers), best: #9 (0x1a1a…1a1a), finalized #7 (0x1b1b…1b1b), ⬇ 1 ⬆ 9",
			[]sdk.Event{sdk.BlockBest{Number: 9}, sdk.BlockFinalized{Number: 7}, sdk.SyncState{Major: true},
				sdk.Fact{Name: phaseFact, Value: "syncing"}, sdk.Fact{Name: targetFact, Value: 99.0}, sdk.Fact{Name: peersFact, Value: 2.0}}},
		{"warping, without blocks", "substrate", "⏩ Warping, Waiting for peers, 0.00 Mib (2 peers), ⬇ 2.2kiB/s ⬆ 3.1kiB/s",
			[]sdk.Event{sdk.SyncState{Major: true}, sdk.Fact{Name: phaseFact, Value: "warping"}, sdk.Fact{Name: doneFact, Value: 0.0}, sdk.Fact{Name: peersFact, Value: 2.0}}},
		{"a state of another node", "substrate", "⏳ Pending (1 peers), best: #9 (0x1a1a…1a1a), finalized #7 (0x1b1b…1b1b), ⬇ 3.6kiB/s ⬆ 2.4kiB/s",
			[]sdk.Event{sdk.BlockBest{Number: 9}, sdk.BlockFinalized{Number: 7},
				sdk.Fact{Name: phaseFact, Value: "pending"}, sdk.Fact{Name: peersFact, Value: 1.0}}},
		{"baseline", "sc_service::builder", "📦 Highest known block at #104999000", []sdk.Event{sdk.BlockImported{Number: 104999000}}},
		{"far behind", "aleph-block-sync", "Switched to major sync state.", []sdk.Event{sdk.SyncState{Major: true}}},
		{"close", "aleph-block-sync", "No longer in major sync state.", []sdk.Event{sdk.SyncState{Major: false}}},
		{"session", "aleph-party", "Running session 116665.", []sdk.Event{sdk.SessionStarted{Number: 116665}}},
		{"prepared", "sc_basic_authorship::basic_authorship", "🎁 Prepared block for proposing at 9 (3 ms) [hash: 0x8888; parent_hash: 0x6666…ff66; no extrinsics",
			[]sdk.Event{sdk.BlockProduced{Number: 9, Step: sdk.Prepared}}},
		{"sealed", "aura", "🔖 Pre-sealed block for proposal at 9. Hash now 0x9999, previously 0x8888.",
			[]sdk.Event{sdk.BlockProduced{Number: 9, Step: sdk.Sealed}}},
		{"version", "sc_cli::runner", "✌️  version 15.2.0-36ed9faa3fd", []sdk.Event{sdk.NodeStarted{Version: "15.2.0-36ed9faa3fd"}}},
		{"peers", "aleph-network", "Network status report: /70255b/sync/0 connected peers - 12; ", []sdk.Event{sdk.Fact{Name: peersFact, Value: 12.0}}},
		{"reorganisation", "sc_informant", "♻️  Reorg on #9,0x9999…bb99 to #8,0xaaaa…ccaa, common ancestor #7,0x6666…ff66", nil},
		{"empty", "substrate", "", nil},
		{"only an emoji", "substrate", "✨", nil},
		{"only a prefix", "substrate", "[Parachain] ", nil},
	}
}

// parse gives the events of lines that follow each other.
func parse(p *Parser, lines ...string) []sdk.Event {
	var (
		state  State
		events []sdk.Event
	)
	for _, line := range lines {
		p.ParseLine(&state, sdk.Line{Text: []byte(line)}, func(e sdk.Event) { events = append(events, e) })
	}
	return events
}

// TestEveryForm puts every message behind every beginning, with and without
// the trailing blanks and the carriage return of some logs.
func TestEveryForm(t *testing.T) {
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			for _, s := range sentences() {
				for _, end := range []string{"", "    ", "\r", " \x1b[0m\r"} {
					line := f.print(s.target, s.text) + end
					if diff := cmp.Diff(s.want, parse(New(), line)); diff != "" {
						t.Errorf("%s: %q (-want +got):\n%s", s.name, line, diff)
					}
				}
			}
		})
	}
}

// TestQuoted puts every message into another one, where it means nothing.
func TestQuoted(t *testing.T) {
	before := []string{
		"Error decoding message: ", "got ", "peer said '", "🏷  Node name: ", "Reason: [x] ", "WARN ", "ERROR from us ",
		"discarding 2025-03-01 12:00:01 ", "cannot parse 2025-03-01 12:00:01.200  INFO main substrate: ", "a | ",
		"🏷  Node name: Mar 01 13:47:46 host15 polkadot[21580]: ", `{"log":"`, ". ", "\t- ", "x", "✨ ✨ z ",
		"Thread ", "Imported: ", "version ", "Idle ", "Running session ",
	}
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			for _, s := range sentences() {
				for _, words := range before {
					line := f.print("aleph-network", words+s.text)
					if got := parse(New(), line); got != nil {
						t.Errorf("%q said %v", line, got)
					}
				}
			}
		})
	}
}

// TestSecondLine gives every message as the second line of another one, with
// nothing or with what a keeper of logs puts in front.
func TestSecondLine(t *testing.T) {
	const first = " 2025-03-01 12:00:01.200  WARN tokio-runtime-worker aleph-network: a peer said"
	keepers := []string{
		"", " ", "               ", "azero-1  | ", "0|azero  | ", "2025-03-01T12:00:01.200123456Z ",
		"2025-03-01T12:00:01.200123456Z stderr F ", "[pod/azero-0/azero] ", "Mar 01 13:47:46 host15 polkadot[21580]: ",
		"INFO ", "substrate: ", "tokio-runtime-worker substrate: ",
	}
	for _, keeper := range keepers {
		for _, s := range sentences() {
			second := keeper + s.text
			if got := parse(New(), first[1:], second); got != nil {
				t.Errorf("%q said %v", second, got)
			}
		}
	}
}
