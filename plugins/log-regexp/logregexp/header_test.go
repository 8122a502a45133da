package logregexp

import "testing"

func TestCutHeader(t *testing.T) {
	cases := []struct{ name, line, want string }{
		{"geth", "INFO [09-01|15:43:12.807] message", "message"},
		{"geth, a level of five letters", "ERROR[09-01|15:43:12.807] message", "message"},
		{"reth", "2023-11-01T19:01:17.616296Z  INFO reth::cli: message", "message"},
		{"reth, no target", "2023-11-01T19:01:17.616296Z  INFO message", "message"},
		{"a deep target", "2023-11-01T19:01:17Z ERROR reth_node::events::cl: message", "message"},
		{"lighthouse", "Mar 01 08:47:06.001 INFO  message", "message"},
		{"a day of one digit", "Mar  1 08:47:06 INFO message", "message"},
		{"CometBFT", "11:02AM INF message", "message"},
		{"CometBFT, an hour of one digit", "5:30PM ERR message", "message"},
		{"Tendermint", "I[2023-06-16|09:38:06.289] message", "message"},
		{"Bitcoin Core", "2025-08-01T08:27:43Z message", "message"},
		{"Solana", "[2023-01-01T00:00:30.373085940Z INFO  solana_core::replay_stage] message", "message"},
		{"Erigon", "[INFO] [02-04|01:36:50.362] message", "message"},
		{"no date", "19:38:46.123 message", "message"},
		{"a comma before the fraction", "2025-03-01 12:00:01,123 message", "message"},
		{"a zone", "2025-03-01T12:00:01+02:00 message", "message"},
		{"a short zone", "2025-03-01T12:00:01.123+0000 WARN message", "message"},
		{"journald", "Mar 01 17:30:15 host canined[338904]: 5:30PM INF message", "message"},
		{"journald, no host", "May 16 17:57:26 cosmovisor[232029]: 5:57PM INF message", "message"},
		{"docker-compose", "geth-1  | INFO [09-01|15:43:12.807] message", "message"},
		{"kubectl", "[pod/geth-0/geth] INFO [09-01|15:43:12.807] message", "message"},
		{"Kubernetes", "2025-03-01T12:00:01.200123456Z stderr F INFO [09-01|15:43:12.807] message", "message"},
		{"docker -t", "2025-03-01T12:00:01.200123456Z 11:02AM INF message", "message"},
		{"no header", "Fatal: message", "Fatal: message"},
		{"blanks alone", "   message", "message"},
		{"empty", "", ""},
		{"a header alone", "11:02AM INF", "INF"},
		{"a word like a level", "INFORMATION is missing", "INFORMATION is missing"},
		{"a word of one letter", "I am a message", "I am a message"},
		{"a path that is no target", "INFO a:b: message", "a:b: message"},
		{"a stamp without an end", "12:00:01x message", "12:00:01x message"},
		{"a bracket of the message", "2025-08-01T08:27:43Z [msghand] message", "[msghand] message"},
		{"a number of the message", "2025-08-01T08:27:43Z batch [123]: message", "batch [123]: message"},
		{"not UTF-8", "\xff\xfe INFO message", "\xff\xfe INFO message"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := string(cutHeader([]byte(c.line))); got != c.want {
				t.Errorf("%q is %q, want %q", c.line, got, c.want)
			}
		})
	}
}

// TestHeaderHasAnEnd holds that a message of nothing but headers is cut a
// limited number of times.
func TestHeaderHasAnEnd(t *testing.T) {
	line := ""
	for range 100 {
		line += "12:00:01 INFO "
	}
	if got := len(cutHeader([]byte(line))); got < len(line)/2 {
		t.Errorf("%d of %d bytes are left", got, len(line))
	}
}
