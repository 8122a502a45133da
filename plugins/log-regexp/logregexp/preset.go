package logregexp

import "strconv"

// preset is a set of ready-made patterns for a node.
type preset struct {
	name     string
	patterns func() []Pattern
}

// presets are those that there are, in the order of the schema.
func presets() []preset {
	return []preset{
		{"agave", solanaPatterns}, {"besu", besuPatterns}, {"bitcoin", bitcoinPatterns}, {"cometbft", cometbftPatterns},
		{"erigon", erigonPatterns}, {"geth", gethPatterns}, {"lighthouse", lighthousePatterns}, {"nethermind", nethermindPatterns},
		{"nimbus", nimbusPatterns}, {"op-node", opNodePatterns}, {"prysm", prysmPatterns}, {"reth", rethPatterns},
		{"solana", solanaPatterns}, {"teku", tekuPatterns},
	}
}

// presetNames are the names of the presets.
func presetNames() []string {
	var names []string
	for _, p := range presets() {
		names = append(names, p.name)
	}
	return names
}

// presetPatterns are the patterns of a preset; none for a name that is none.
// They say what the nodes' sources and the logs that operators published show,
// and no more. Each begins at the start of a message, so that text from the
// network that a message quotes is never taken for one.
func presetPatterns(name string) []Pattern {
	for _, p := range presets() {
		if p.name == name {
			all := p.patterns()
			for i := range all {
				all[i].Enabled = true
			}
			return all
		}
	}
	return nil
}

// says is a pattern of lines that say these events.
func says(name, match string, events ...string) Pattern {
	return Pattern{Name: name, Match: match, Events: events}
}

// cause is a pattern of lines that tell of a fatal cause which no restart
// cures.
func cause(name, kind, match string) Pattern {
	return Pattern{Name: name, Match: match, Events: []string{fatalEvent}, Cause: kind}
}

// curable is a pattern of lines that tell of a cause which a restart may cure.
func curable(name, kind, match string) Pattern {
	p := cause(name, kind, match)
	p.Cures = true
	return p
}

// beacon is a pattern that says whether the beacon client speaks to a node.
func beacon(name string, is bool, match string) Pattern {
	return Pattern{Name: name, Match: match, Facts: []Fact{{Name: "beacon", Value: strconv.FormatBool(is), Type: typeBool, Scale: 1}}}
}
