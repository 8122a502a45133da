package logregexp

// cometbftPatterns read CometBFT, Tendermint and the chains of the Cosmos SDK.
// A block that was committed is final there. When consensus fails, the same
// block makes it fail again after a restart.
func cometbftPatterns() []Pattern {
	const (
		outdated = `^(?:panic: |CONSENSUS FAILURE!!! .*?err="(?:[^"]*: )?)?` +
			`(?:UPGRADE \\?"[^"]+" NEEDED at |(?:wrong app version [0-9]+, )?upgrade handler is missing for |BINARY UPDATED BEFORE TRIGGER!)`
		state = `(?:[Ww]rong Block\.Header\.(?:AppHash|LastResultsHash|ValidatorsHash|NextValidatorsHash|ConsensusHash)|AppHash does not match AppHash after replay)`
		wire  = `^CONSENSUS FAILURE!!! .*?err="[^"]*(?:connection|timeout|timed out|context canceled|EOF|broken pipe|too many open files)`
	)
	return []Pattern{
		says("executed", `^[Ee]xecuted block\s.*?\bheight=(?P<number>[0-9]+)`, "imported"),
		says("finalized", `^[Ff]inalized block\s.*?\bheight=(?P<number>[0-9]+)`, "imported", "finalized"),
		says("committed", `^[Cc]ommitted state\s.*?\bheight=(?P<number>[0-9]+)`, "imported", "finalized"),
		says("loaded", `^ABCI Handshake App Info\s.*?\bheight=(?P<number>[0-9]+)`, "imported"),
		says("syncing", `^(?:Block Sync Rate|Fast Sync Rate)\s`, "major_sync"),
		says("snapshots", `^(?:Discovering snapshots|Discovered new snapshot|Applied snapshot chunk|Fetching snapshot chunk)\b`, "major_sync"),
		says("switched", `^(?:Switch(?:ing|ed) to \w+ reactor|SwitchToConsensus|Time to switch to \w+ (?:reactor|mode))`, "not_major_sync"),
		says("started", `^Version info\s.*?\b(?:cmtbft_version|tendermint_version|software)=v?(?P<version>\S+)`, "node_started"),
		says("app", `^ABCI Handshake App Info\s.*?\bsoftware-version=v?(?P<version>[^\s"]+)`, "node_started"),
		cause("upgrade", "outdated", outdated),
		says("equivocation", `^[Ff]ound conflicting vote from ourselves`, "fatal"),
		cause("same_key", "equivocation", `^(?:[^"]*: )?found signature from the same key`),
		cause("app_hash", "app_hash", `^(?:CONSENSUS FAILURE!!! .*?err="|panic: |(?:Error|ERROR): )[^"]*`+state),
		cause("database", "database", `^(?:(?:panic: |Error: |CONSENSUS FAILURE!!! .*?err=")[^"]*(?:leveldb/[a-z]+: corrupt|[Cc]orruption: |no space left on device|pebble: corrupt|failed to load latest version: )`+
			`|Message:\s.*DB(?:Error|Err)\("Corruption: )`),
		cause("halted", "halted", `^halting node per configuration`),
		cause("locked", "locked", `^(?:panic: |E(?:rror|RROR): |failed to initialize database: |couldn't create db: )[^"]*resource temporarily unavailable`),
		{Name: "consensus_failure", Match: `^CONSENSUS FAILURE!!!`, Unless: outdated + `|` + wire + `|err="[^"]*(?:` + state + `|corrupt|no space left)`, Events: []string{fatalEvent}},
		curable("consensus_cut_off", "consensus_failure", wire),
	}
}

// bitcoinPatterns read Bitcoin Core and its descendants. In front of its messages
// may stand a thread, a place in the source and a category, each in brackets.
func bitcoinPatterns() []Pattern {
	const (
		brackets = `^(?:\[[^\] ]+\] )*`
		loud     = brackets + `(?:\*\*\* |: |Error: |ERROR: |A fatal internal error occurred[^:]*: )*`
	)
	return []Pattern{
		says("loaded", brackets+`(?:Loaded best chain|LoadBlockIndexDB(?:\(\))?): hashBestChain=(?P<hash>[0-9a-f]+)\s+height=(?P<number>[0-9]+)(?:.*?\sprogress=(?P<progress>[0-9.]+))?`, "imported"),
		says("tip", brackets+`UpdateTip: new best=(?P<hash>[0-9a-f]+)\s+height=(?P<number>[0-9]+)(?:[^p]*\sprogress=(?P<progress>[0-9.]+))?`, "best"),
		says("behind", brackets+`UpdateTip: [^p]*\sprogress=0\.(?:[0-8]|9[0-8])`, "major_sync"),
		says("syncing", brackets+`(?:Pre-s|S)ynchronizing blockheaders, height: [0-9]`, "major_sync"),
		says("synced", brackets+`Leaving InitialBlockDownload`, "not_major_sync"),
		// The names are listed, for the word "version" stands in the line of each peer.
		says("started", brackets+`(?:Bitcoin|Dogecoin|Litecoin|Namecoin|DigiByte|Groestlcoin|Vertcoin|Ravencoin|Peercoin)(?: [A-Z][A-Za-z]+)* version (?P<version>v[0-9]\S*)`, "node_started"),
		cause("database", "database", loud+`(?:Corrupted block database detected|Fatal LevelDB error|Error reading from database|Error (?:opening|loading|initializing) (?:block|coins) database|(?:LevelDB read failure: )?(?:Corruption|IO error): |`+
			`ReadBlockFromDisk: (?:Errors in block header|Deserialize or I/O error))`),
		cause("flush", "database", loud+`(?:Failed to (?:write to|flush|read block|connect best block)|System error while flushing|Flushing (?:block|undo) file to disk failed)`),
		cause("disk_full", "disk_full", loud+`Disk space is (?:too )?low`),
		cause("locked", "locked", loud+`Cannot obtain a lock on (?:data )?directory`),
	}
}

// solanaPatterns read Agave, the validator of Solana Labs and its descendants.
// They count slots, and so must the head source. A bank that is frozen was
// replayed; a root is final.
func solanaPatterns() []Pattern {
	const (
		produced = `We are attempting to dump a block that we produced`
		broken   = `(?:No space left on device|Corruption: |os error 28|Failed to open ledger database)`
		// A snapshot or the accounts on the disk are not what they were.
		unverified = `(?:Snapshot bank for slot [0-9]+ failed to verify|accounts hash verification failed)`
	)
	return []Pattern{
		says("frozen", `^bank frozen: (?P<number>[0-9]+)`, "imported", "not_major_sync"),
		says("root", `^new root (?P<number>[0-9]+)`, "finalized"),
		says("loading", `^(?:Loading bank from (?:full|incremental) snapshot|rebuilt storages for [0-9]+/|Downloading [0-9]+ |ledger processed in )`, "major_sync"),
		says("started", `^(?:[a-z_]+\] )?(?:solana|agave)-validator (?P<version>[0-9]\S*)`, "node_started"),
		cause("equivocation", "equivocation", `^duplicate running instances of the same validator`),
		cause("duplicate", "equivocation", `^(?:(?:thread '[^']*' panicked at |panicked at |datapoint: panic ).*)?`+produced),
		cause("database", "database", `^(?:(?:thread '[^']*' panicked at |thread Some\(.* error |datapoint: panic |Error: |[Ff]ailed to ).*`+`(?:`+broken+`|`+unverified+`)|Verifying accounts failed: )`),
		{Name: "panic", Match: `^datapoint: panic `, Unless: produced + `|` + broken + `|` + unverified, Events: []string{fatalEvent}, Cures: true},
	}
}

// opNodePatterns read op-node, the consensus client of Optimism's rollups. It
// says at each step what its execution client has.
func opNodePatterns() []Pattern {
	return []Pattern{
		says("unsafe", `^Sync progress\s.*?\bl2_unsafe=0x[0-9a-f]+:(?P<number>[0-9]+)`, "best"),
		says("finalized", `^Sync progress\s.*?\bl2_finalized=0x[0-9a-f]+:(?P<number>[0-9]+)`, "finalized"),
		says("safe", `^Sync progress\s.*?\bl2_safe=0x[0-9a-f]+:(?P<safe>[0-9]+)`),
		says("inserted", `^Inserted new L2 unsafe block\b.*?\bnumber=(?P<number>[0-9,]+)`, "imported"),
		says("syncing", `^(?:Starting EL sync|Optimistically inserting unsafe L2 execution payload to drive EL sync)`, "major_sync"),
		says("synced", `^Finished EL sync`, "not_major_sync"),
		says("started", `^(?:Initializing|Starting) (?:[Rr]ollup [Nn]ode|op-node)\s.*?\bversion=(?P<version>\S+)`, "node_started"),
		cause("outdated", "outdated", `^[Oo]pted to halt, unprepared for protocol change`),
		curable("critical", "derivation", `^Derivation (?:process )?critical(?: error)?\b`),
	}
}
