package alephlog

import "github.com/headwatch/headwatch/sdk"

// Version is the plugin's own.
const Version = "0.1.0"

// Main serves the parser until the host ends it.
func Main() { sdk.ServeLogParser(info(), New()) }

// info says who this plugin is, with logs for a conformance test.
func info() sdk.Info {
	return sdk.Info{
		Name:        "alephlog-parser",
		Version:     Version,
		Description: "Reads the logs of aleph-node and of other Substrate nodes.",
		Examples: []sdk.Example{
			{Name: "validator", Config: `{}`, Lines: validatorLines()},
			{Name: "two chains", Config: `{"chain":"Parachain"}`, Lines: twoChainsLines()},
			{Name: "two chains, none chosen", Config: `{}`, Lines: twoChainsLines()},
		},
	}
}

func validatorLines() []string {
	return []string{
		"2025-03-01 12:00:00.012  INFO main sc_cli::runner: Aleph Node",
		"2025-03-01 12:00:00.012  INFO main sc_cli::runner: ✌️  version 15.2.0-36ed9faa3fd",
		"2025-03-01 12:00:03.110  INFO main sc_service::builder: 📦 Highest known block at #105000000",
		"2025-03-01 12:00:03.121  INFO tokio-runtime-worker aleph-block-sync: Switched to major sync state.",
		"2025-03-01 12:00:03.125  INFO tokio-runtime-worker aleph-party: Running session 116666.",
		"2025-03-01 12:00:05.209  INFO tokio-runtime-worker substrate: ✨ Imported #105000001 (0x12ab…34cd)",
		"2025-03-01 12:00:13.400  INFO tokio-runtime-worker aleph-block-sync: No longer in major sync state.",
		"2025-03-01 12:00:15.009  INFO tokio-runtime-worker sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at 105000002 (3 ms) [hash: 0x88aa; parent_hash: 0x12ab…34cd; no extrinsics",
		"2025-03-01 12:00:15.011  INFO tokio-runtime-worker aura: 🔖 Pre-sealed block for proposal at 105000002. Hash now 0x99bb, previously 0x88aa.",
		"2025-03-01 12:00:23.121  INFO tokio-runtime-worker aleph-block-sync: Imported: #105000002 (0x99bb…bb99), finalized: #105000000 (0x22cc…cc22), favourite: #105000002 (0x99bb…bb99).",
		"2025-03-01 12:00:24.500  WARN tokio-runtime-worker aleph-finality: trying to finalize a block with hash 0x33dd…dd33 and number 105000000",
		"               that is not greater than already finalized 105000001",
		"2025-03-01 12:10:00.000 ERROR tokio-runtime-worker aleph-party: Sync service finished with error: the stream of the network ended",
		"not UTF-8: \xff\xfe",
		"",
	}
}

func twoChainsLines() []string {
	return []string{
		"2025-03-01 12:00:00 [Relaychain] ⚙️  Syncing 37.6 bps, target=#28500832 (200 peers), best: #15900288 (0xa5a5…5a5a), finalized #15900248 (0xb5b5…5b5b), ⬇ 219.7kiB/s ⬆ 1.1MiB/s",
		"2025-03-01 12:00:00 [Parachain] ⚙️  Preparing  0.0 bps, target=#10300805 (5 peers), best: #10300718 (0xc5c5…5c5c), finalized #3900870 (0xd5d5…5d5d), ⬇ 5.6kiB/s ⬆ 9 B/s",
		"2025-03-01 12:00:06 [Parachain] ✨ Imported #10300719 (0xe5e5…5e5e)",
	}
}
