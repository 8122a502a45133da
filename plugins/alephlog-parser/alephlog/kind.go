package alephlog

import (
	"encoding/binary"
	"unicode/utf8"
)

// kind is what a message is by its first words.
type kind uint8

const (
	nothing kind = iota
	imported
	status
	informant
	reorg
	baseline
	banner
	version
	prepared
	proposing
	sealed
	session
	farBehind
	closeUp
	network
	// From here on they are trouble, which a node prints as an error.
	syncService
	baseProtocol
	validatorNetwork
	essentialTask
	consensusParty
	panicked
	exitError
	databaseError
	// And from here on also as a warning, while the process lives on.
	blockImport
	badBlock
	backgroundWorker
	corrupted
	authoring
	voter
	equivocating
	lowSpace
	lowMemory
	warpTarget
)

// The first kind after which a node cannot go on, and the first of those that
// may be warnings.
const (
	firstTrouble = syncService
	firstWarned  = blockImport
)

// opening is the words that a message of some kind begins with.
type opening struct {
	words string
	is    kind
	// only is the profile of the one chain whose nodes print them; empty for
	// what all print.
	only string
}

// openings are all that are known, the frequent ones first.
func openings() []opening {
	return []opening{
		{"Imported #", imported, ""}, {"Imported: #", status, profileAleph},
		{"Idle", informant, ""}, {"Syncing", informant, ""}, {"Preparing", informant, ""}, {"State sync", informant, ""}, {"Downloading state", informant, ""},
		{"Warping", informant, ""}, {"Waiting for pending target block", informant, ""}, {"Block history", informant, ""}, {"Gap sync", informant, ""},
		{"Reorg on #", reorg, ""}, {"Reorg from #", reorg, ""},
		{"Network status report: ", network, profileAleph},
		{"Prepared block for proposing at ", prepared, ""}, {"Proposing block [number: ", proposing, ""}, {"Pre-sealed block for proposal at ", sealed, ""},
		{"Running session ", session, profileAleph},
		{"Switched to major sync state.", farBehind, profileAleph}, {"No longer in major sync state.", closeUp, profileAleph},
		{"Highest known block at #", baseline, ""}, {"Best block: #", baseline, ""},
		{"Aleph Node", banner, profileAleph}, {"version ", version, ""},
		{"Sync service finished with error: ", syncService, profileAleph}, {"Base protocol service finished with error: ", baseProtocol, profileAleph},
		{"Validator network finished with error: ", validatorNetwork, profileAleph}, {"Consensus party has finished unexpectedly", consensusParty, profileAleph},
		{"Essential task ", essentialTask, ""},
		{"Thread '", panicked, ""}, {"thread '", panicked, ""},
		{"Critical database error: ", databaseError, ""}, {"Critical database eror: ", databaseError, ""}, {"Database Error: ", databaseError, ""},
		{"DB corrupted: ", corrupted, ""}, {"Cannot create a runtime ", badBlock, ""}, {"Block prepare storage changes error:", blockImport, ""},
		{"Block import error:", blockImport, ""}, {"Error importing block ", badBlock, ""}, {"Verification failed ", badBlock, ""},
		{"Background worker error: ", backgroundWorker, ""}, {"Unable to author block in slot ", authoring, ""}, {"GRANDPA voter error: ", voter, ""},
		{"Error reporting ", equivocating, ""}, {"Refraining from sending equivocation report ", equivocating, ""},
		{"Available space ", lowSpace, ""}, {"Available memory ", lowMemory, profileMidnight}, {"Warp target #", warpTarget, profileMidnight},
		{"Error starting the node: ", exitError, ""}, {"Error:", exitError, ""},
	}
}

// headLen is how many bytes of a message are compared before its words.
const headLen = 4

// kinds are the openings by their first letter.
type kinds [128][]headed

// headed is an opening with its first bytes, by which most others are told from
// it.
type headed struct {
	head uint32
	opening
}

// newKinds are those that the nodes of one chain print, or of all where it is
// not named.
func newKinds(profile string) *kinds {
	var all kinds
	for _, o := range openings() {
		if profile == "" || o.only == "" || o.only == profile {
			all[o.words[0]] = append(all[o.words[0]], headed{binary.LittleEndian.Uint32([]byte(o.words)), o})
		}
	}
	return &all
}

// of says what a message is, and what follows the words that said it.
func (k *kinds) of(text []byte) (kind, []byte) {
	if len(text) < headLen || text[0] >= utf8.RuneSelf {
		return nothing, nil
	}
	head, some := binary.LittleEndian.Uint32(text), k[text[0]]
	for i := range some {
		if some[i].head != head {
			continue
		}
		if rest, ok := cutPrefix(text, some[i].words); ok {
			return some[i].is, rest
		}
	}
	return nothing, nil
}
