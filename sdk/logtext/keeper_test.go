package logtext

import (
	"strings"
	"testing"
)

// TestFindStamp gives a message behind all that keepers put in front.
func TestFindStamp(t *testing.T) {
	cases := []struct {
		name, line string
		form       Form
		rest       string
	}{
		{"a node's own", "2025-03-01 12:00:01.200  INFO main x: y", Dated, "  INFO main x: y"},
		{"two of one form", "2025-05-27 16:46:58 2025-05-27 15:46:58 x", Dated, " x"},
		{"a bar between", "2023-02-23 04:59:58 | 2023-02-23 12:59:58 x", Dated, " x"},
		{"a tab between", "2024-12-05 22:54:11.745\t2024-12-05 21:54:11.731  INFO x", Dated, "  INFO x"},
		{"quotes and a comma between", `"2025-03-01T12:00:01Z","2025-03-01 12:00:01 x"`, Dated, ` x"`},
		{"a quoted line of a thread", "> 2025-03-01 12:00:01 x", Dated, " x"},
		{"glued", "2025-03-01 12:00:012025-03-01 12:00:01.5 x", Dated, " x"},
		{"glued to a fraction", "2025-03-01 12:00:01.5762025-03-01 12:00:02 x", Dated, " x"},
		{"glued to a zone", "2025-03-01T12:00:01.200123456Z2025-03-01 12:00:02 x", Dated, " x"},
		{"docker -t", "2025-03-01T12:00:01.200123456Z 2025-03-01 12:00:01 x", Dated, " x"},
		{"a container runtime", "2025-03-01T12:00:01.200123456+01:00 stderr F 2025-03-01 12:00:01 x", Dated, " x"},
		{"compose", "azero-1   | 2025-03-01 12:00:01 x", Dated, " x"},
		{"compose with stamps", "azero-1  | 2025-03-01T12:00:01.200123456Z 2025-03-01 12:00:01 x", Dated, " x"},
		{"a swarm", "azero.1.x7f3@host    | 2025-03-01 12:00:01 x", Dated, " x"},
		{"pm2", "0|azero  | 2025-03-01 12:00:01 x", Dated, " x"},
		{"pm2 with stamps", "0|azero  | 2025-03-01T12:00:01: 2025-03-01 12:00:01 x", Dated, " x"},
		{"kubectl", "[pod/azero-0/azero] 2025-03-01 12:00:01 x", Dated, " x"},
		{"stern", "azero-0 azero 2025-03-01 12:00:01 x", Dated, " x"},
		{"Kibana", "Mar 1, 2025 @ 12:00:01.200\t2025-03-01 12:00:01 x", Dated, " x"},
		{"journald", "Mar 01 13:47:46 host15 polkadot[21580]: 2023-03-01 13:47:46.001  INFO x", Dated, "  INFO x"},
		{"journald, ISO", "2025-03-01T12:00:01+0000 host polkadot[21580]: 2023-03-01 13:47:46 x", Dated, " x"},
		{"journald, full", "Sat 2025-03-01 12:00:01 UTC host azero.service[1]: 2023-03-01 13:47:46 x", Dated, " x"},
		{"journald, seconds", "1740830401.123456 host azero[1]: 2023-03-01 13:47:46 x", Dated, " x"},
		{"journald, since the start", "[ 1234.567890] host azero[1]: 2023-03-01 13:47:46 x", Dated, " x"},
		{"journald, in other words", "янв 02 15:04:18 host parity[1079]: 2018-01-02 15:04:18 x", Dated, " x"},
		{"journald, in small letters", "jul 24 11:27:07 XXXXXX polkadot[14640]: 2020-07-24 11:27:07 x", Dated, " x"},
		{"syslog", "Mar 01 13:47:46 host azero: 2023-03-01 13:47:46 x", Dated, " x"},
		{"syslog of today", "<30>1 2025-03-01T12:00:01.123Z host azero 123 - - 2025-03-01 12:00:01 x", Dated, " x"},
		{"journald around compose", "Dec 03 09:41:37 host erigon[158527]: erigon_1      | [INFO] [12-03|09:41:37.998] [7/16 x] y", Other, " [7/16 x] y"},
		{"Loki", `2025-03-01T12:00:01+02:00 {container="azero", pod="azero-0"} 2025-03-01 12:00:01 x`, Dated, " x"},
		{"Loki without labels", "2025-03-01T12:00:01+02:00 {} 2025-03-01 12:00:01 x", Dated, " x"},
		{"Loki, and the node stamps nothing", `2025-03-01T12:00:01+02:00 {pod="azero-0"} x`, Zoned, " x"},
		{"a stream of CloudWatch", "2025-03-01T12:00:01.123000+00:00 ecs/azero/abc123def 2025-03-01 12:00:01 x", Dated, " x"},
		{"a pod behind a stamp", "2025-03-01T12:00:01.2Z azero-0 2025-03-01 12:00:01 x", Dated, " x"},
		{"a box", "│ 2023-02-16 23:12:49 x", Dated, " x"},
		{"nanoseconds and a tab", "1740830401000000000\t2025-03-01 12:00:01 x", Dated, " x"},
		{"two levels", "2025-03-26 20:30:04 INFO [03-26|11:30:04.912] x", Other, " x"},
		{"geth", "INFO [09-01|15:43:12.807] x", Other, " x"},
		{"a year of two digits", "24-11-05 03:09:54.941 x", Other, " x"},
		{"Sept, as some locales write it", "Sept 14 21:06:33 x", Monthly, " x"},
		{"geth, a level of five letters", "ERROR[09-01|15:43:12.807] x", Other, " x"},
		{"Tendermint", "I[2023-06-16|09:38:06.289] x", Other, " x"},
		{"CometBFT", "11:02AM INF x", Other, " INF x"},
		{"CometBFT behind journald", "May 16 17:57:26 cosmovisor[232029]: 5:57PM INF x", Other, " INF x"},
		{"Solana", "[2023-01-01T00:00:30.373085940Z INFO  solana_core::x] y", Zoned, " INFO  solana_core::x] y"},
		{"Cardano", "[HOST:cardano.node.ChainDB:Notice:36] [2020-04-01 16:13:45.25 UTC] x", Dated, " x"},
		{"Besu", "2022-09-15 10:14:59.928-04:00 | vert.x-worker-thread-0 | INFO  | x", Dated, " | vert.x-worker-thread-0 | INFO  | x"},
		{"Nethermind", "2022-09-15 10:42:21.2668|Processed   15537410 |    1,151ms", Dated, "|Processed   15537410 |    1,151ms"},
		{"Nethermind of today", "15 Sep 10:42:21 | Processed", Monthly, " | Processed"},
		{"Nimbus", "INF 2025-03-01 12:00:01.123+00:00 Slot start", Dated, " Slot start"},
		{"Lodestar", "Mar-01 12:00:01.123[]  info: x", Monthly, "[]  info: x"},
		{"a keeper's alone", "Mar 01 12:00:01 host15 aleph-node[21580]: x", Monthly, " host15 aleph-node[21580]: x"},
		{"a zone", "2025-03-01T12:00:01+02:00 x", Zoned, " x"},

		{"a sentence", "2025-03-01 12:00:01 discarding 2025-03-01 12:00:02 x", Dated, " discarding 2025-03-01 12:00:02 x"},
		{"a sentence with a colon", "2025-03-01 12:00:01 Error decoding message: 2025-03-01 12:00:02 x", Dated, " Error decoding message: 2025-03-01 12:00:02 x"},
		{"a name with a colon", "2025-03-01 12:00:01 peer-7: 2025-03-01 12:00:02 x", Dated, " peer-7: 2025-03-01 12:00:02 x"},
		{"behind a level", "2025-03-01 12:00:01 INFO main x: 2025-03-01 12:00:02 x", Dated, " INFO main x: 2025-03-01 12:00:02 x"},
		{"behind compose", "azero-1 | 2025-03-01 12:00:01 got 2025-03-01 12:00:02 x", Dated, " got 2025-03-01 12:00:02 x"},
		{"behind docker -t", "2025-03-01T12:00:01.2Z got: 2025-03-01 12:00:02 x", Zoned, " got: 2025-03-01 12:00:02 x"},
		{"an emoji before", "2025-03-01 12:00:01 💔 2025-03-01 12:00:02 x", Dated, " 💔 2025-03-01 12:00:02 x"},
		{"a block before", "2025-03-01 12:00:01 [#7] 2025-03-01 12:00:02 x", Dated, " [#7] 2025-03-01 12:00:02 x"},
		{"an object", `2025-08-01T08:27:43Z {"date":"x"} 2025-07-01T05:40:56Z x`, Zoned, ` {"date":"x"} 2025-07-01T05:40:56Z x`},
		{"a value", "2025-08-01T08:27:43Z tip: date='2025-07-01T05:40:56Z' x", Zoned, " tip: date='2025-07-01T05:40:56Z' x"},
		{"what a peer calls itself", "2025-08-01T08:27:48Z receive version message: /2025-08-01T08:27:48Z x/", Zoned, " receive version message: /2025-08-01T08:27:48Z x/"},
		{"a date", "2025-08-01T08:27:48Z block of 2025-08-01T08:27:40Z x", Zoned, " block of 2025-08-01T08:27:40Z x"},
		{"a sentence alone", "the last words were 2025-03-01 12:00:02 x", None, "the last words were 2025-03-01 12:00:02 x"},
		{"indented", " 2025-03-01 12:00:01 x", None, " 2025-03-01 12:00:01 x"},
		{"in a word", "x2025-03-01 12:00:01 y", Other, " y"},
		{"a clock behind a source", "azero-1 | 12:00:01 y", Clock, " y"},
		{"too far", "a-" + strings.Repeat("b", maxPrefix) + " 2025-03-01 12:00:01 x", None, "a-" + strings.Repeat("b", maxPrefix) + " 2025-03-01 12:00:01 x"},
		{"none", "UpdateTip: new best=00 height=7", None, "UpdateTip: new best=00 height=7"},
		{"empty", "", None, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := FindStamp([]byte(c.line))
			if rest := c.line[s.End:]; s.Form != c.form || rest != c.rest {
				t.Errorf("%q: form %d, rest %q; want %d, %q", c.line, s.Form, rest, c.form, c.rest)
			}
		})
	}
}

func FuzzFindStamp(f *testing.F) {
	f.Add([]byte("Mar 01 13:47:46 host15 polkadot[21580]: 2023-03-01 13:47:46.001  INFO x"))
	f.Add([]byte("2025-03-01 12:00:01.5762025-03-01 12:00:02 x"))
	f.Fuzz(func(t *testing.T, line []byte) {
		s := FindStamp(line)
		if s.Start > s.End || s.End > len(line) || s.Form == None && s.End != 0 {
			t.Fatalf("%q: %+v", line, s)
		}
		if form := StampAt(line[s.Start:]).Form; s.Form != None && form != s.Form && form != Clock {
			t.Errorf("%q: no stamp of form %d at %d", line, s.Form, s.Start)
		}
		AppendPlain(nil, line)
	})
}
