package logregexp

// The beacon nodes count slots, and so must the head source.

// lighthousePatterns read Lighthouse. "Synced" names the slot of the clock; only
// where a block stands beside it does the node have one for that slot.
func lighthousePatterns() []Pattern {
	return []Pattern{
		{Name: "block", Match: `^Synced\s.*?\bslot[:=]\s*"?(?P<number>[0-9]+)`, Unless: `\bblock[:=]\s*"?[\s…]*empty`, Events: []string{"imported"}},
		{Name: "synced", Match: `^Synced\s.*?\bfinalized_epoch[:=]\s*"?(?P<finalized_epoch>[0-9]+)`, Events: []string{"not_major_sync"},
			Facts: []Fact{{Name: "distance", Value: "0", Type: typeNumber, Scale: 1}}},
		{Name: "syncing", Match: `^Syncing\s.*?\bdistance[:=]\s*"?(?P<distance>[0-9]+) slots?\b`, Events: []string{"major_sync"}},
		says("head", `^(?:Searching for peers|Beacon chain initialized)\s.*?\bhead_slot[:=]\s*"?(?P<number>[0-9]+)`, "imported"),
		says("peers", `^(?:Synced|Syncing|Searching for peers)\s.*?\bpeers[:=]\s*"?(?P<peers>[0-9]+)`),
		says("started", `^Lighthouse started\s.*?\bversion[:=]\s*"?(?P<version>[^\s",]+)`, "node_started"),
		cause("database", "database", `^(?:Beacon block processing error|BlockProcessingFailure|Database (?:write|error)|Failed to start beacon node|Unable to (?:open|read) |Error (?:opening|during) )`+
			`.*(?:No space left on device|[Cc]orrupt|DBError|LevelDBError|SchemaMigrationError|ProtoArrayError|missing from database|[Hh]ead block not found in store)`),
		cause("locked", "locked", `^Failed to start beacon node.*(?:Resource temporarily unavailable|Database already open|LockError|in use)`),
		cause("invalid_chain", "invalid_chain", `^The justified checkpoint is invalid\s`),
		cause("equivocation", "equivocation", `^Doppelganger\(s\) detected`),
	}
}

// failure begins a message about something that went wrong, up to the error: what
// a peer says of itself stands in quotes, or in no message that begins so.
const failure = `(?:[Cc]ould not|[Ff]ailed|[Uu]nable|[Ee]rror|[Cc]annot|[Ff]atal|(?:Runtime )?[Pp]anic|[Uu]nexpected|[Ee]xiting|PLEASE FIX)[^"]*?(?:\berr(?:or|Msg)?="[^"]*)?`

// What a database of Java's says that no restart cures. Its exceptions stand on
// lines of their own, behind the message, and need not say "Corruption".
const (
	rocksDamage = `RocksDBException: [^|"]*(?:Corruption|block checksum mismatch|SST file is ahead of WALs|No space left on device|Input/output error)`
	levelDamage = `DBException: (?:Corruption: |IO error: [^|"]*(?:Could not create random access file|No space left on device|Input/output error))`
)

// prysmPatterns read Prysm, as a terminal, a file and JSON show it.
func prysmPatterns() []Pattern {
	const service = `^(?:[a-z0-9-]+: )?`
	return []Pattern{
		says("block", service+`Synced new block\s.*?\bslot=(?P<number>[0-9]+)`, "imported"),
		says("transition", service+`Finished applying state transition\s.*?\bslot=(?P<number>[0-9]+)`, "imported"),
		says("batch", service+`Processing (?:block batch of size [0-9]+ starting from|block|batched? blocks)\s.*? (?P<number>[0-9]+)/[0-9]+ - estimated`, "imported", "major_sync"),
		says("synced", service+`(?:Synced to head of chain\b.*?\bsyncedSlot=(?P<number>[0-9]+)|Synced up to slot (?P<number>[0-9]+))`, "imported", "not_major_sync"),
		says("syncing", service+`(?:Starting initial chain sync|Waiting for enough suitable peers before syncing|Fallen behind)`, "major_sync"),
		says("peers", service+`(?:Peer summary|Connected peers)\s.*?\b(?:activePeers|total)=(?P<peers>[0-9]+)`),
		says("started", service+`Starting beacon node\s.*?\bversion="?(?P<version>Prysm/[^\s"]+)`, "node_started"),
		cause("database", "database", service+failure+`(?:no space left on device|invalid page type|invalid freelist page|page [0-9]+ already freed|database corrupt)`),
		cause("locked", "locked", service+`(?:`+failure+`)?cannot obtain database lock`),
		cause("equivocation", "equivocation", service+`(?:`+failure+`)?Duplicate instances? exists? in the network`),
	}
}

// tekuPatterns read Teku. Behind the clock of a slot it names its block, or says
// that it is empty.
func tekuPatterns() []Pattern {
	const event = `^(?:- |(?:\| [^|]*)?\| [A-Z]+ +\| [A-Za-z-]+ +\| )?`
	return []Pattern{
		says("block", event+`Slot Event\s+\*\*\* Slot: (?P<number>[0-9]+), Block:\s+[0-9a-fx]`, "imported"),
		says("slot", event+`Slot Event\s+\*\*\* Slot: [0-9]+, .*?\bPeers: (?P<peers>[0-9]+)`, "not_major_sync"),
		says("syncing", event+`Sync(?:ing| Event)\s+\*\*\* (?:Target slot|Current slot|Slot): [0-9]+, Head slot: (?P<number>[0-9]+)(?:.*?\bConnected peers: (?P<peers>[0-9]+))?`, "best", "major_sync"),
		says("synced", event+`Syncing completed`, "not_major_sync"),
		says("started", event+`(?:Teku version|Version): (?P<version>teku/\S+)`, "node_started"),
		cause("database", "database", event+`(?:[^|"]*(?:`+rocksDamage+`|`+levelDamage+`)|Exiting due to fatal error in RetryingStorageUpdateChannel)`),
		cause("locked", "locked", event+`[^|"]*(?:RocksDBException: [^|"]*(?:While lock file|lock hold by current process)|DBException: IO error: lock )`),
		cause("equivocation", "equivocation", event+`(?:Validator doppelganger detected|Detected [0-9]+ validators? doppelganger)`),
	}
}

// nimbusPatterns read Nimbus, plain and JSON. It names its head at the start of
// each slot.
func nimbusPatterns() []Pattern {
	return []Pattern{
		says("head", `^Slot (?:start|end)\s.*?\bhead=[0-9a-f]+:(?P<number>[0-9]+)`, "best"),
		says("loaded", `^Block DAG initialized\s.*?\bhead=[0-9a-f]+:(?P<number>[0-9]+)`, "imported"),
		says("head_2020", `^Slot (?:start|end)\s.*?\bheadSlot=(?P<number>[0-9]+)`, "best"),
		says("synced", `^Slot start\s.*?\bsync="?(?:almost )?synced`, "not_major_sync"),
		{Name: "syncing", Match: `^Slot start\s.*?\bsync="?(?:[0-9A-Z]|[a-zA-Z]+:|pending)`, Events: []string{"major_sync"}},
		says("clock", `^Slot start\s.*?\b(?:slot|wallSlot|scheduledSlot)=(?P<target>[0-9]+)`),
		says("peers", `^Slot start\s.*?\bpeers=(?P<peers>[0-9]+)`),
		says("finalized", `^Slot start\s.*?\bfinalized=(?P<finalized_epoch>[0-9]+):`),
		says("started", `^(?:Launching beacon node|Starting beacon node)\s.*?\bversion="?(?P<version>[^\s"]+)`, "node_started"),
		cause("database", "database", `^(?:`+failure+`(?:database disk image is malformed|database or disk is full|[Nn]o space left on device|disk broken/full\?|database corrupt\?)|Era summaries don't lead up to backfill)`),
		cause("equivocation", "equivocation", `^(?:Duplicate validator detected|We believe you are currently running another instance)`),
	}
}
