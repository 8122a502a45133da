package logregexp

// gethPatterns read go-ethereum and its descendants. A segment that is called
// potential is not the head yet, but the node has executed it. While it heals
// its state after a snap sync it has no head at all, and a restart throws the
// work away. After an unclean end it goes back to an older block, for up to hours,
// and names its own again. A segment has an age where it is more than a minute old. Without its
// beacon client a node cannot follow the chain, and no restart of it helps.
func gethPatterns() []Pattern {
	return []Pattern{
		says("loaded", `^Loaded most recent local (?:full )?block\s.*?\bnumber=(?P<number>[0-9,]+)`, "best"),
		says("loaded_finalized", `^Loaded most recent local finalized block\s.*?\bnumber=(?P<number>[0-9,]+)`, "finalized"),
		says("imported", `^Imported new potential chain segment\s.*?\bnumber=(?P<number>[0-9,]+)`, "imported"),
		says("segment", `^Imported new chain segment\s.*?\bnumber=(?P<number>[0-9,]+)`, "best"),
		{Name: "young", Match: `^Imported new chain segment\s`, Unless: `\sage=`, Events: []string{"not_major_sync"}},
		says("head", `^Chain head was updated\s.*?\bnumber=(?P<number>[0-9,]+)`, "best", "not_major_sync"),
		says("syncing", `^Syncing: (?:chain download|state download|state healing|beacon headers) in progress\s|^Syncing beacon headers\s`, "major_sync"),
		says("healing", `^(?:State (?:heal|sync) in progress|Imported new state entries)\s`, "major_sync"),
		says("repairing", `^(?:Head state missing, repairing|Block state missing, rewinding further|Rewinding blockchain to block)\s`, "major_sync"),
		says("peers", `^Looking for peers\s.*?\bpeercount=(?P<peers>[0-9,]+)`),
		beacon("beacon", true, `^(?:Imported new potential chain segment|Chain head was updated|Forkchoice requested sync to new head)\s`),
		beacon("no_beacon", false, `^(?:Beacon client online, but (?:no|never received) consensus updates|Post-merge network, but no beacon client seen|Local chain is post-merge, waiting for beacon client)`),
		says("started", `^Starting peer-to-peer node\s.*?\binstance=(?P<version>\S+)`, "node_started"),
		cause("database", "database", `^[Ff]atal: .*(?:leveldb/[a-z]+: corrupt|pebble[:/].*(?:corrupt|invalid)|gap \(#[0-9]+\) in the chain between ancients and|content truncated|`+
			`checksum mismatch|incompatible genesis|missing [a-z ]*ancient|from ancient|no space left on device)`),
		cause("write", "database", `^(?:Failed to (?:write|store|commit|persist|freeze|flush)|Error in block freeze|Persistent|Freezer)[^"]*?\serr="[^"]*(?:no space left on device|corrupt|input/output error|read-only file system|file too large)`),
		cause("disk_full", "disk_full", `^Low disk space\. Gracefully shutting down`),
		cause("locked", "locked", `^Fatal: .*(?:datadir already used by another process|resource temporarily unavailable)`),
		cause("outdated", "outdated", `^[Oo]pted to halt, unprepared for protocol change`),
	}
}

// rethPatterns read reth. Its stages run while it is far behind: what they
// download is no block that the node has.
func rethPatterns() []Pattern {
	return []Pattern{
		says("added", `^Block added to canonical chain\s.*?\bnumber=(?P<number>[0-9]+)(?:.*?\speers=(?P<peers>[0-9]+))?`, "imported"),
		says("committed", `^Canonical chain committed\s.*?\bnumber=(?P<number>[0-9]+)`, "best", "not_major_sync"),
		says("status", `^Status\s.*?\bconnected_peers=(?P<peers>[0-9]+)(?:.*?\slatest_block=(?P<number>[0-9]+))?`, "imported"),
		says("stage", `^(?:(?:Preparing|Executing) stage|Status)\s.*?\bstage=\S(?:.*?\starget=(?P<target>[0-9]+))?`, "major_sync"),
		beacon("beacon", true, `^(?:Block added to canonical chain|Canonical chain committed|Forkchoice updated|Received new payload from consensus engine)\s`),
		beacon("no_beacon", false, `^(?:Beacon client online, but (?:no|never received) consensus updates|Post-merge network, but (?:never seen|no) beacon client)`),
		says("started", `^Starting [Rr]eth\s.*?version="?(?P<version>[^" ]+)`, "node_started"),
		cause("database", "database", `^(?:Error: |Stage encountered a fatal error|Encountered fatal error|Fatal error in |[Ss]hutting down due to error|Critical task )`+
			`.*(?:MDBX_|mdbx|code: -307(?:9[2-6]|79)\b|failed to open the database|[Nn]o space left on device|unknown error code: (?:5|28|30)\b|[Dd]atabase (?:integrity|corrupt)|inconsistent)`),
		cause("locked", "locked", `^Error: .*(?:storage directory is currently in use|storage lock)`),
	}
}

// erigonPatterns read Erigon, whose stages come one after the other: a block
// counts once it is executed.
func erigonPatterns() []Pattern {
	const stage = `^\[[0-9]+/[0-9]+ `
	return []Pattern{
		says("executed", stage+`Execution\] Completed on\s+block=(?P<number>[0-9]+)`, "imported"),
		says("executing", stage+`Execution\] (?:Executed blocks|(?:serial|parallel) executed)\s.*?\b(?:number|blk)=(?P<number>[0-9]+)`, "imported", "major_sync"),
		says("head", `^(?:\[[a-zA-Z0-9.-]+\] )?head (?:updated|validated)\s.*?\bnumber=(?P<number>[0-9]+)`, "imported", "not_major_sync"),
		says("notified", `^RPC Daemon notified of new headers\s.*?\bto=(?P<number>[0-9]+)`, "imported", "not_major_sync"),
		says("execution", stage+`Execution\] Blocks execution\s`, "major_sync"),
		says("downloading", stage+`(?:Snapshots|OtterSync|Headers|Bodies)\] (?:[Dd]ownload|Syncing|Inserting headers|Writing block bodies|Wrote block headers|Fetching torrent)`, "major_sync"),
		says("peers", `^\[p2p\] GoodPeers\s+eth[0-9]+=(?P<peers>[0-9]+)$`),
		says("started", `^Build info\s.*?\bgit_tag=(?P<version>\S*)`, "node_started"),
		cause("database", "database", `^(?:Fatal: |\[[^\]]*\] )?[^"]*(?:err(?:or)?="[^"]*)?(?:MDBX_(?:CORRUPTED|PROBLEM|PANIC|INVALID|MAP_FULL)|no space left on device)|^[a-z./]*erigon: mdbx:[0-9]+: .*Assertion`),
		cause("locked", "locked", `^(?:Fatal: )?[^"]*(?:MDBX_BUSY|datadir already used by another process(?:$|[^,]))`),
	}
}

// nethermindPatterns read Nethermind. Its start prints a table without stamps.
func nethermindPatterns() []Pattern {
	// An exception stands behind the message, or on a line of its own. One that
	// ran out of files is no damage.
	const thrown = `(?:(?:[A-Z][^|"]*?)?(?:Exception|[Ff]ail(?:ed|ure)|[Ee]rror[a-z ]*)[:.]? )?RocksDbSharp\.RocksDbException: `
	return []Pattern{
		says("loaded", `^Chain head\s*:\s*(?P<number>[0-9,]+) \(0x`, "imported"),
		says("processed", `^Processed\s+(?:[0-9,]+\s*\.\.\.\s*)?(?P<number>[0-9,]+)\s+(?:\(|\|)`, "imported", "not_major_sync"),
		says("head", `^Synced [Cc]hain [Hh]ead to (?P<number>[0-9,]+) \(`, "imported", "not_major_sync"),
		says("syncing", `^Changing (?:sync|state) .*? to [^|]*?(?:SnapSync|StateNodes|FastSync|FastBlocks|BeaconHeaders|Full).*? at block`, "major_sync"),
		says("waiting", `^Changing (?:sync|state) .*? to (?:WaitingForBlock|Disconnected)\b`, "not_major_sync"),
		says("downloading", `^(?:Snap\s+(?:State Ranges|Remaining storage|Large storage)|State Sync\s|Downloaded\s+[0-9,]+ / )`, "major_sync"),
		says("unknown_block", `^Syncing(?:\.\.\.|,) `, "major_sync"),
		says("peers", `^(?:Peers \| )?with known best block: (?P<peers>[0-9]+)|^Peers:? \|? ?(?P<peers>[0-9]+) \| `),
		beacon("beacon", true, `^(?:Received (?:ForkChoice: |a new payload: |New Block: )|Received: ForkchoiceState)`),
		says("started", `^Client id\s*:\s*(?P<version>Nethermind/\S+)|^Nethermind version:? (?P<version>\S+)`, "node_started"),
		curable("repair", "database_repair", `^Corrupted DB detected on path `),
		cause("database", "database", `^(?:`+thrown+`(?:Corruption: |IO error: [^|]*(?:No space left on device|not enough space on the disk|Input/output error|Data error))|`+
			`(?:Unhandled|Fatal|Critical|Error|Failed)[^|]*(?:Corruption: |No space left on device)|`+
			`Processing loop threw an exception\..*Attempted to process a blockchain with missing state root)`),
		cause("locked", "locked", `^`+thrown+`IO error: [^|]*(?:While lock file|lock hold by current process)`),
		cause("disk_full", "disk_full", `^Free disk space in .* is below .* - shutting down`),
	}
}

// besuPatterns read Besu, in its columns and as JSON. Blocks whose import only
// makes progress have no state yet.
func besuPatterns() []Pattern {
	const columns = `^(?:\| [^|]*\| [A-Z]+ +\| [^|]*\| )?`
	return []Pattern{
		says("imported", columns+`(?:Imported|Produced and imported block|Produced) #(?P<number>[0-9,]+)(?:.*?\b[Pp]eers: (?P<peers>[0-9]+))?`, "imported", "not_major_sync"),
		says("backward", columns+`Backward sync phase 2 .*?current head (?P<number>[0-9,]+), target head (?:.*?\bPeers: (?P<peers>[0-9]+))?`, "imported", "major_sync"),
		says("progress", columns+`Block import progress: [0-9,]+ of `, "major_sync"),
		says("segment", columns+`(?:Completed importing chain segment|Importing chain segment|Backward sync phase 1 )`, "major_sync"),
		says("state", columns+`(?:World ?state download |Healed [0-9,]+ |Pivot block )`, "major_sync"),
		says("syncing", columns+`(?:SYNCING for fork-choice-update|FCU\(SYNCING\))`, "major_sync"),
		says("valid", columns+`(?:VALID for fork-choice-update|FCU\(VALID\)|Sync completed successfully)`, "not_major_sync"),
		says("peers", columns+`(?:.*?, )?Peer(?:s| count): (?P<peers>[0-9]+)`),
		beacon("beacon", true, columns+`(?:(?:VALID|SYNCING) for fork-choice-update|FCU\()`),
		beacon("no_beacon", false, columns+`Execution engine not called in \d+ seconds`),
		says("started", columns+`Starting Besu version: (?P<version>\S+)`, "node_started"),
		cause("database", "database", columns+`(?:[^|"]*(?:`+rocksDamage+`|World State Root does not match expected value)|While [a-z ]+: [^|"]*No space left on device)`),
		cause("locked", "locked", columns+`[^|"]*RocksDBException: [^|"]*While lock file`),
	}
}
