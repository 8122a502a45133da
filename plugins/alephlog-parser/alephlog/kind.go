package alephlog

// kind is what a message is by its first words.
type kind uint8

const (
	nothing kind = iota
	imported
	status
	informant
	baseline
	banner
	version
	prepared
	sealed
	session
	farBehind
	closeUp
	network
	syncService // trouble from here on
	baseProtocol
	validatorNetwork
	essentialTask
	consensusParty
	panicked
	exitError
	databaseError
)

// firstTrouble is the first kind after which a node cannot go on.
const firstTrouble = syncService

// kindOf says what a message is, and what follows the words that said it.
func kindOf(text []byte) (kind, []byte) {
	switch text[0] {
	case 'I':
		return kindOfI(text)
	case 'N':
		return kindOfN(text)
	case 'P':
		return kindOfP(text)
	case 'S':
		return kindOfS(text)
	case 'R':
		return one(text, "Running session ", session)
	case 'H':
		return one(text, "Highest known block at #", baseline)
	case 'A':
		return one(text, "Aleph Node", banner)
	case 'v':
		return one(text, "version ", version)
	case 'W', 'B', 'D':
		return kindOfHistory(text)
	case 'C', 'E', 'T', 'V':
		return kindOfTrouble(text)
	}
	return nothing, nil
}

func one(text []byte, words string, is kind) (kind, []byte) {
	if rest, ok := cutPrefix(text, words); ok {
		return is, rest
	}
	return nothing, nil
}

func kindOfI(text []byte) (kind, []byte) {
	if rest, ok := cutPrefix(text, "Imported #"); ok {
		return imported, rest
	}
	if rest, ok := cutPrefix(text, "Imported: #"); ok {
		return status, rest
	}
	return one(text, "Idle", informant)
}

func kindOfN(text []byte) (kind, []byte) {
	if rest, ok := cutPrefix(text, "Network status report: "); ok {
		return network, rest
	}
	return one(text, "No longer in major sync state.", closeUp)
}

func kindOfP(text []byte) (kind, []byte) {
	if rest, ok := cutPrefix(text, "Prepared block for proposing at "); ok {
		return prepared, rest
	}
	if rest, ok := cutPrefix(text, "Pre-sealed block for proposal at "); ok {
		return sealed, rest
	}
	return one(text, "Preparing", informant)
}

func kindOfS(text []byte) (kind, []byte) {
	if rest, ok := cutPrefix(text, "Switched to major sync state."); ok {
		return farBehind, rest
	}
	if rest, ok := cutPrefix(text, "Syncing"); ok {
		return informant, rest
	}
	if rest, ok := cutPrefix(text, "State sync"); ok {
		return informant, rest
	}
	return one(text, "Sync service finished with error: ", syncService)
}

// kindOfHistory is about the rarer states of a node that catches up, and about
// trouble with the same letters.
func kindOfHistory(text []byte) (kind, []byte) {
	for _, words := range [...]string{"Warping", "Waiting for pending target block", "Block history", "Downloading state"} {
		if rest, ok := cutPrefix(text, words); ok {
			return informant, rest
		}
	}
	if rest, ok := cutPrefix(text, "Database Error: "); ok {
		return databaseError, rest
	}
	return one(text, "Base protocol service finished with error: ", baseProtocol)
}

func kindOfTrouble(text []byte) (kind, []byte) {
	switch text[0] {
	case 'V':
		return one(text, "Validator network finished with error: ", validatorNetwork)
	case 'T':
		return one(text, "Thread '", panicked)
	case 'C':
		if rest, ok := cutPrefix(text, "Critical database error: "); ok {
			return databaseError, rest
		}
		return one(text, "Consensus party has finished unexpectedly", consensusParty)
	}
	if rest, ok := cutPrefix(text, "Error: "); ok {
		return exitError, rest
	}
	return one(text, "Essential task `", essentialTask)
}
