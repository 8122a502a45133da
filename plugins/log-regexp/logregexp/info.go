package logregexp

import "github.com/headwatch/headwatch/sdk"

// Version is the plugin's own.
const Version = "0.1.0"

// Main serves the parser until the host ends it.
func Main() { sdk.ServeLogParser(info(), New()) }

// info says who this plugin is, with logs for a conformance test.
func info() sdk.Info {
	return sdk.Info{
		Name:        "log-regexp",
		Version:     Version,
		Description: "Reads any node's log by the regular expressions in its configuration; it has presets for some nodes.",
		Examples: []sdk.Example{
			{Name: "own patterns", Config: ownConfig, Lines: ownLines()},
			{Name: "geth", Config: `{"preset":"geth"}`, Lines: gethLines()},
			{Name: "CometBFT", Config: `{"preset":"cometbft"}`, Lines: cometbftLines()},
		},
	}
}

// ownConfig has an event with a number, two events of one line, and a fact of
// each type.
const ownConfig = `{
  "ignore": ["^debug "],
  "pattern": [
    {"name":"status","match":"^status best=(?P<imported>[0-9,]+) final=(?P<finalized>[0-9,]+) peers=(?P<peers>[0-9]+)","events":["imported","finalized"]},
    {"name":"load","match":"^load took=(?P<took>\\S+) in=(?P<rate>\\S+) mode=(?P<mode>\\S+) ok=(?P<ok>\\S+)","fact":[
      {"name":"took","type":"duration"},{"name":"rate","type":"quantity"},{"name":"mode","type":"string"},{"name":"ok","type":"bool"}]},
    {"name":"keys","match":"^two nodes use one key","events":["fatal"],"cause":"equivocation"}
  ]
}`

func gethLines() []string {
	return []string{
		"INFO [03-01|12:00:00.100] Starting peer-to-peer node               instance=Geth/v1.15.11-stable-36b2371c/linux-amd64/go1.24.2",
		"INFO [03-01|12:00:10.279] Looking for peers                        peercount=1 tried=108 static=2",
		"INFO [03-01|12:00:11.948] Syncing: chain download in progress      synced=3.51% chain=219.92MiB headers=501,760@120.75MiB bodies=469,010@90.74MiB receipts=469,010@8.44MiB eta=1h3m19.777s",
		"\x1b[32mINFO \x1b[0m[03-01|12:00:12.807] Imported new potential chain segment     \x1b[32mnumber\x1b[0m=15,500,464 \x1b[32mhash\x1b[0m=aaaaaa..bbbbbb \x1b[32mblocks\x1b[0m=1",
		"INFO [03-01|12:00:12.890] Chain head was updated                   number=15,500,464 hash=aaaaaa..bbbbbb root=cccccc..dddddd elapsed=2.668276ms",
		"WARN [03-01|12:00:13.100] Dropping peer                            name=\"Imported new chain segment number=99\"",
		"Fatal: Failed to register the Ethereum service: gap (#5734246) in the chain between ancients and leveldb",
		"not UTF-8: \xff\xfe",
		"",
	}
}

func cometbftLines() []string {
	return []string{
		"12:00PM INF Version info abci=2.0.0 block=11 commit_hash= module=server p2p=8 tendermint_version=0.38.19",
		"12:00PM INF finalized block block_app_hash=AAAA height=6200459 module=state num_txs_res=4 num_val_updates=0",
		`{"level":"info","module":"state","height":6200460,"num_invalid_txs":0,"num_valid_txs":7,"time":"2025-03-01T12:00:05Z","message":"executed block"}`,
		`12:00PM ERR CONSENSUS FAILURE!!! err="UPGRADE \"v2\" NEEDED at height: 6200461: " module=consensus stack="goroutine 214 [running]:\n"`,
		`{"level":"info","height":6200461,"message":"executed blo`,
	}
}

func ownLines() []string {
	return []string{
		"2025-03-01 12:00:01 INFO status best=1,234,567 final=1,234,560 peers=21",
		"2025-03-01 12:00:02 INFO load took=1m30s in=1.5MiB/s mode=fast ok=yes",
		"2025-03-01 12:00:03 INFO load took=soon in=1.5MiB/s mode=fast ok=perhaps",
		"2025-03-01 12:00:04 INFO debug status best=9 final=9 peers=9",
		"2025-03-01 12:00:05 ERROR two nodes use one key: stopping",
	}
}
