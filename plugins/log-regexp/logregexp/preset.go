package logregexp

import "strconv"

// presetNames are the presets that there are, as the schema lists them.
func presetNames() []string { return []string{"bitcoin", "cometbft", "geth", "lighthouse", "reth"} }

// presetPatterns are the patterns of a preset; none for a name that is none.
// They say what the nodes' sources and the logs that operators published show,
// and no more. Each begins at the start of a message, so that text from the
// network that a message quotes is never taken for one.
func presetPatterns(name string) []Pattern {
	var all []Pattern
	switch name {
	case "bitcoin":
		all = bitcoinPatterns()
	case "cometbft":
		all = cometbftPatterns()
	case "geth":
		all = gethPatterns()
	case "lighthouse":
		all = lighthousePatterns()
	case "reth":
		all = rethPatterns()
	}
	for i := range all {
		all[i].Enabled = true
	}
	return all
}

// gethPatterns read go-ethereum and its descendants. A segment that is called
// potential is not the head yet, but the node has executed it. Without its
// beacon client a node cannot follow the chain, and no restart of it helps.
func gethPatterns() []Pattern {
	return []Pattern{
		{Name: "imported", Match: `^Imported new (?:potential )?chain segment\s.*?\bnumber=(?P<number>[0-9,]+)`, Events: []string{"imported"}},
		{Name: "head", Match: `^Chain head was updated\s.*?\bnumber=(?P<number>[0-9,]+)`, Events: []string{"imported", "not_major_sync"}},
		{Name: "syncing", Match: `^Syncing: (?:chain|state) download in progress\s`, Events: []string{"major_sync"}},
		{Name: "peers", Match: `^Looking for peers\s.*?\bpeercount=(?P<peers>[0-9,]+)`},
		beacon("beacon", true, `^(?:Imported new potential chain segment|Chain head was updated|Forkchoice requested sync to new head)\s`),
		beacon("no_beacon", false, `^(?:Beacon client online, but (?:no|never received) consensus updates|Post-merge network, but no beacon client seen)`),
		{Name: "started", Match: `^Starting peer-to-peer node\s.*?\binstance=(?P<version>\S+)`, Events: []string{"node_started"}},
		{Name: "database", Match: `^Fatal: .*(?:leveldb/[a-z]+: corrupt|gap \(#[0-9]+\) in the chain between ancients and)`, Events: []string{"fatal"}},
	}
}

// rethPatterns read reth. Its stages run while it is far behind: what they
// download is no block that the node has.
func rethPatterns() []Pattern {
	return []Pattern{
		{Name: "added", Match: `^Block added to canonical chain\s.*?\bnumber=(?P<number>[0-9]+)(?:.*?\speers=(?P<peers>[0-9]+))?`, Events: []string{"imported"}},
		{Name: "committed", Match: `^Canonical chain committed\s.*?\bnumber=(?P<number>[0-9]+)`, Events: []string{"imported", "not_major_sync"}},
		{Name: "status", Match: `^Status\s.*?\bconnected_peers=(?P<peers>[0-9]+)(?:\s+latest_block=(?P<number>[0-9]+))?`, Events: []string{"imported"}},
		{Name: "stage", Match: `^(?:Preparing|Executing) stage\s(?:.*?\starget=(?P<target>[0-9]+))?`, Events: []string{"major_sync"}},
		beacon("beacon", true, `^(?:Block added to canonical chain|Canonical chain committed|Forkchoice updated|Received new payload from consensus engine)\s`),
		beacon("no_beacon", false, `^(?:Beacon client online, but (?:no|never received) consensus updates|Post-merge network, but (?:never seen|no) beacon client)`),
		{Name: "started", Match: `^Starting [Rr]eth\s.*?version="?(?P<version>[^" ]+)`, Events: []string{"node_started"}},
	}
}

// beacon is a pattern that says whether the beacon client speaks to a node.
func beacon(name string, is bool, match string) Pattern {
	return Pattern{Name: name, Match: match, Facts: []Fact{{Name: "beacon", Value: strconv.FormatBool(is), Type: typeBool, Scale: 1}}}
}

// lighthousePatterns read Lighthouse. It counts slots, and so must the head
// source. "Synced" names the slot of the clock; only where a block stands beside
// it does the node have one for that slot.
func lighthousePatterns() []Pattern {
	return []Pattern{
		{Name: "block", Match: `^Synced\s.*?\bslot[:=]\s*"?(?P<number>[0-9]+)`, Unless: `\bblock[:=]\s*"?[\s…]*empty`, Events: []string{"imported"}},
		{Name: "synced", Match: `^Synced\s.*?\bfinalized_epoch[:=]\s*"?(?P<finalized_epoch>[0-9]+)`, Events: []string{"not_major_sync"},
			Facts: []Fact{{Name: "distance", Value: "0", Type: typeNumber, Scale: 1}}},
		{Name: "syncing", Match: `^Syncing\s.*?\bdistance[:=]\s*"?(?P<distance>[0-9]+) slots?\b`, Events: []string{"major_sync"}},
		{Name: "head", Match: `^Searching for peers\s.*?\bhead_slot[:=]\s*"?(?P<number>[0-9]+)`, Events: []string{"imported"}},
		{Name: "peers", Match: `^(?:Synced|Syncing|Searching for peers)\s.*?\bpeers[:=]\s*"?(?P<peers>[0-9]+)`},
		{Name: "started", Match: `^Lighthouse started\s.*?\bversion[:=]\s*"?(?P<version>[^\s",]+)`, Events: []string{"node_started"}},
	}
}

// cometbftPatterns read CometBFT, Tendermint and the chains of the Cosmos SDK.
// A block that was committed is final there.
func cometbftPatterns() []Pattern {
	const outdated = `^(?:panic: |CONSENSUS FAILURE!!! .*?err="(?:[^"]*: )?)?` +
		`(?:UPGRADE \\?"[^"]+" NEEDED at |(?:wrong app version [0-9]+, )?upgrade handler is missing for )`
	return []Pattern{
		{Name: "executed", Match: `^[Ee]xecuted block\s.*?\bheight=(?P<number>[0-9]+)`, Events: []string{"imported"}},
		{Name: "finalized", Match: `^[Ff]inalized block\s.*?\bheight=(?P<number>[0-9]+)`, Events: []string{"imported", "finalized"}},
		{Name: "committed", Match: `^[Cc]ommitted state\s.*?\bheight=(?P<number>[0-9]+)`, Events: []string{"imported", "finalized"}},
		{Name: "started", Match: `^Version info\s.*?\b(?:cmtbft_version|tendermint_version|software)=v?(?P<version>\S+)`, Events: []string{"node_started"}},
		{Name: "upgrade", Match: outdated, Events: []string{"fatal"}, Cause: "outdated"},
		{Name: "equivocation", Match: `^[Ff]ound conflicting vote from ourselves`, Events: []string{"fatal"}},
		{Name: "same_key", Match: `^(?:[^"]*: )?found signature from the same key`, Events: []string{"fatal"}, Cause: "equivocation"},
		{Name: "consensus_failure", Match: `^CONSENSUS FAILURE!!!`, Unless: outdated, Events: []string{"fatal"}, Cures: true},
	}
}

// bitcoinPatterns read Bitcoin Core. In front of its messages may stand a
// thread, a place in the source and a category, each in brackets.
func bitcoinPatterns() []Pattern {
	const brackets = `^(?:\[[^\] ]+\] )*`
	return []Pattern{
		{Name: "tip", Match: brackets + `UpdateTip: new best=(?P<hash>[0-9a-f]+)\s+height=(?P<number>[0-9]+)(?:.*?\sprogress=(?P<progress>[0-9.]+))?`, Events: []string{"imported"}},
		{Name: "started", Match: brackets + `Bitcoin Core version (?P<version>\S+)`, Events: []string{"node_started"}},
		{Name: "database", Match: brackets + `(?:: |Error: )?Corrupted block database detected`, Events: []string{"fatal"}},
	}
}
