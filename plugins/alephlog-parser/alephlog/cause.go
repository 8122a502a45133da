package alephlog

import "bytes"

// holds says whether one of these stands in text.
func holds(text []byte, parts ...string) bool {
	text = clip(text, maxCause)
	for _, part := range parts {
		if bytes.Contains(text, []byte(part)) {
			return true
		}
	}
	return false
}

// known says what is behind an error where that is known and no restart cures
// it. The same error stands in panics, in what a node ends with, and in what it
// warns of.
func (r *reading) known(text []byte) bool {
	switch {
	case isOutdated(text):
		r.fatal(kindOutdated, false)
	case isStorage(text):
		r.storage(text)
	default:
		return false
	}
	return true
}

// isOutdated says whether an error says that the runtime of the chain needs a
// newer node.
func isOutdated(text []byte) bool {
	return hasPrefix(text, "Too new version ") || holds(text, "VersionInvalid", "not present on the host", "host doesn't provide such function",
		`host doesn\'t provide such function`, "Instantiation: Export ext_", "Authoring for current runtime is not supported")
}

// isStorage says whether an error is one of the database: of RocksDB or ParityDB,
// or of the file system below them.
func isStorage(text []byte) bool {
	if holds(text, "State Database error") {
		return false // a block that was pruned or came too often
	}
	return endsInDatabase(text) || isIncomplete(text) || holds(text, "Critical database er", "Client(Backend(", "Backend(\"", "Backend(\\\"", "Database error: ", "Database Error: ",
		"DB is corrupted", "DB flush failed", "Database file is in use", "Corruption: ", "No space left on device",
		"column families", "Column families", "Column family not found", "root should be in the arena", "not in storage arena", "purge the block database") ||
		holds(text, "IO error: ", "IO Error: ") && holds(text, "While ", ".sst", ".ldb", "paritydb", "Permission denied", "Access is denied",
			"Input/output error", "Read-only file system")
}

// isIncomplete says whether an error says that the database lacks what must be in
// it, or is of another version. A panic within ParityDB is about a damaged file.
func isIncomplete(text []byte) bool {
	return holds(text, "Failed to get header for hash", "`:code` hash not found", "Can't canonicalize missing block number", "Database missing expected key", "Best block header must always exist",
		"implies existence of blocks with all numbers before it", "nsupported database version", "Unsupported BABE DB version", "/parity-db-")
}

// endsInDatabase knows an error of the database that does not say which: those
// of 2019 to 2023 end in that word, as in "on disk: Database".
func endsInDatabase(text []byte) bool {
	return len(text) <= maxCause && (string(text) == "Database" || bytes.HasSuffix(text, []byte(": Database")))
}

// storage says what is wrong with the database. A lock is no damage: another
// process uses the same folder. What only this process ran out of is cured by a
// restart.
func (r *reading) storage(text []byte) {
	switch {
	case holds(text, "While lock file", "Database file is in use", "lock hold by current process"):
		r.fatal(kindLocked, false)
	case holds(text, "Too many open files", "os error 24)", "Cannot allocate memory", "os error 12)"):
		r.fatal(kindResources, true)
	default:
		r.fatal(kindDatabase, false)
	}
}
