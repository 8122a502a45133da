package logregexp

import (
	"fmt"
	"testing"

	"github.com/headwatch/headwatch/sdk"
)

// minute is what a node logs in some minutes: lines that say something, each
// with its number, and lines that do not.
type minute struct {
	preset         string
	speaking, mute []string
}

func minutes() []minute {
	return []minute{
		{"geth", []string{
			"INFO [03-01|12:00:12.807] Imported new potential chain segment     number=%d hash=aaaaaa..bbbbbb blocks=1         txs=145       mgas=7.354    elapsed=25.708ms    mgasps=286.055 dirty=2.31MiB",
			"INFO [03-01|12:00:12.890] Chain head was updated                   number=%d hash=aaaaaa..bbbbbb root=cccccc..dddddd elapsed=2.668276ms",
		}, []string{
			"INFO [03-01|12:00:13.120] Imported new block receipts               count=24 elapsed=4.479ms number=15,500,464 hash=bd6747..87e8ef",
			"INFO [03-01|12:00:14.420] Indexed transactions                     blocks=1 txs=145 tail=13,150,464 elapsed=\"588.373µs\"",
			"INFO [03-01|12:00:15.100] Submitted transaction                    hash=0x3e3e000000000000000000000000000000000000000000000000000000003e3e from=0x00000000219ab540356cBB839Cbe05303d7705Fa nonce=7 recipient=0x00000000219ab540356cBB839Cbe05303d7705Fa value=0",
			"WARN [03-01|12:00:16.300] Snapshot extension registration failed   peer=2a2a2a2a err=\"peer connected on snap without compatible eth support\"",
		}},
		{"reth", []string{
			"2025-09-30T05:38:09.557031Z  INFO reth_node_events::node: Block added to canonical chain number=%d hash=0x3e3e000000000000000000000000000000000000000000000000000000003e3e peers=31 txs=6 gas_used=1.16Mgas gas_throughput=402.41Mgas/second full=57.9%% base_fee=0.52Gwei elapsed=2.877896ms",
			"2025-09-30T05:38:09.557121Z  INFO reth_node_events::node: Canonical chain committed number=%d hash=0x3e3e000000000000000000000000000000000000000000000000000000003e3e elapsed=51.146µs",
		}, []string{
			"2025-09-30T05:38:09.553961Z  INFO reth_node_events::node: Pruned transactions number=15207178 hash=0x3e3e000000000000000000000000000000000000000000000000000000003e3e",
			"2025-09-30T05:38:09.556894Z  INFO reth_node_events::node: State root task finished state_root=0x3e3e000000000000000000000000000000000000000000000000000000003e3e elapsed=3.637µs",
			"2025-09-30T05:38:09.558894Z  INFO reth_node_events::node: Regular root task finished state_root=0x3e3e000000000000000000000000000000000000000000000000000000003e3e",
		}},
		{"lighthouse", []string{
			`Mar 01 09:47:06.001 INFO  Synced                                        peers: "63", exec_hash: "0x5a14…a7a5 (verified)", finalized_root: 0xca35…2b06, finalized_epoch: 289170, epoch: 289172, block: "0xa49c…3113", slot: %d`,
		}, []string{
			"Mar 01 09:47:03.929 INFO  New block received                            root: 0xa49c057026cea3190df38548d49963e271ebdc4d6f93d2301adc4034d6563113, slot: 9253515",
			"Mar 01 09:47:04.929 DEBUG Fork choice updated head                      previous_head: 0xa49c057026cea3190df38548d49963e271ebdc4d6f93d2301adc4034d6563113, new_head: 0xb49c057026cea3190df38548d49963e271ebdc4d6f93d2301adc4034d6563113",
			"Mar 01 09:47:05.929 WARN  Head is optimistic                            execution_block_hash: 0x5a14bfcb9e74c5b3a5121f99ef461ae066262200c269b5d11475274eb78aa7a5, info: chain not fully verified",
		}},
		{"cometbft", []string{
			"11:02AM INF finalized block block_app_hash=AAAA000000000000000000000000000000000000000000000000000000000000 height=%d module=state num_txs_res=4 num_val_updates=0",
			"11:02AM INF executed block app_hash=AAAA000000000000000000000000000000000000000000000000000000000000 height=%d module=state",
			"11:02AM INF committed state block_app_hash=AAAA000000000000000000000000000000000000000000000000000000000000 height=%d module=state",
		}, []string{
			"11:02AM INF Timed out dur=937.66 height=6200459 module=consensus round=0 step=RoundStepNewHeight",
			"11:02AM INF received proposal module=consensus proposal=\"Proposal{5/0 (62EE22FF80CF9799B9A2EB3A6668, -1)}\" proposer=AAAA00000000",
			"11:02AM INF received complete proposal block hash=AAAA000000000000000000000000000000000000000000000000000000000000 height=6200459 module=consensus",
			"11:02AM INF finalizing commit of block hash=AAAA000000000000000000000000000000000000000000000000000000000000 height=6200459 module=consensus num_txs=4",
			"11:02AM INF indexed block events height=6200459 module=txindex",
		}},
		{"cometbft", []string{
			`{"level":"info","module":"state","block_app_hash":"AAAA0000000000000000000000000000","height":%d,"num_txs_res":4,"time":"2025-03-01T12:00:05Z","message":"finalized block"}`,
			`{"level":"info","module":"state","app_hash":"AAAA0000000000000000000000000000","height":%d,"time":"2025-03-01T12:00:05Z","message":"committed state"}`,
		}, []string{
			`{"level":"info","module":"consensus","dur":937.66,"height":6200459,"round":0,"step":"RoundStepNewHeight","time":"2025-03-01T12:00:05Z","message":"Timed out"}`,
			`{"level":"info","module":"consensus","hash":"AAAA0000000000000000000000000000","height":6200459,"time":"2025-03-01T12:00:05Z","message":"received complete proposal block"}`,
			`{"level":"info","module":"txindex","height":6200459,"time":"2025-03-01T12:00:05Z","message":"indexed block events"}`,
		}},
		{"bitcoin", []string{
			"2025-08-01T08:27:43Z UpdateTip: new best=0000000000000002aaaa000000000000000000000000000000000000000000bb height=%d version=0x2b11c000 log2_work=73.832461 tx=11508473 date='2025-07-01T05:40:56Z' progress=0.849014 cache=2.7MiB(16392txo)",
		}, []string{
			"2025-08-01T08:27:44Z New outbound-full-relay v1 peer connected: version: 70016, blocks=927738, peer=2",
			"2025-08-01T08:27:45Z Saw new header hash=0000000000000002aaaa000000000000000000000000000000000000000000bb height=927739",
			"2025-08-01T08:27:46Z Socks5() connect to 2001:db8::1:8333 failed: general failure",
		}},
	}
}

// lines are a thousand lines, of which each fifth speaks.
func (m minute) lines() [][]byte {
	var all [][]byte
	for i := range 1000 {
		if i%5 == 0 {
			all = append(all, fmt.Appendf(nil, m.speaking[i/5%len(m.speaking)], 15_500_000+i))
		} else {
			all = append(all, []byte(m.mute[i%len(m.mute)]))
		}
	}
	return all
}

// BenchmarkParse parses a log of each preset, and what is left of it without
// the lines that say something.
func BenchmarkParse(b *testing.B) {
	for _, m := range minutes() {
		name := m.preset
		if m.mute[0][0] == '{' {
			name += ", JSON"
		}
		b.Run(name, func(b *testing.B) { benchmarkLines(b, m.preset, m.lines()) })
		var mute [][]byte
		for _, line := range m.mute {
			mute = append(mute, []byte(line))
		}
		b.Run(name+", nothing said", func(b *testing.B) { benchmarkLines(b, m.preset, mute) })
	}
}

func benchmarkLines(b *testing.B, preset string, lines [][]byte) {
	p, events := started(b, Config{Preset: preset}), 0
	emit := func(sdk.Event) { events++ }
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range lines {
			p.ParseLine(&State{}, sdk.Line{Text: line}, emit)
		}
	}
	count := float64(b.N * len(lines))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/count, "ns/line")
	b.ReportMetric(count/b.Elapsed().Seconds()/1e6, "Mlines/s")
	b.ReportMetric(float64(events)/count, "events/line")
}
