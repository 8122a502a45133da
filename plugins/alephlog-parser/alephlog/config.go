package alephlog

import (
	"errors"
	"fmt"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// noPrefix is the value of chain that selects the lines without a prefix.
const noPrefix = "none"

// The profiles: chains whose nodes print lines that others do not.
const (
	profileAleph     = "aleph"
	profileAutonomys = "autonomys"
	profileMidnight  = "midnight"
)

// consensusChain is the chain that a node of Autonomys runs beside its domains.
const consensusChain = "Consensus"

// Config is the config block of the parser.
type Config struct {
	// Profile is the chain whose own lines are read; empty reads those of all.
	Profile string `hw:"profile" oneof:"aleph autonomys midnight subtensor" doc:"the node's chain, where it prints lines of its own: those of the others are then not looked for; without it all are"`
	// Chain is the prefix of the chain to follow, without its brackets; "none"
	// is the chain without a prefix, and empty the only chain of the log.
	Chain string `hw:"chain" doc:"which chain to follow where a log shows two: its prefix without brackets, such as Parachain, or none for the lines without a prefix"`
}

// Validate refuses a chain that no line can have.
func (c *Config) Validate() error {
	bare := strings.TrimSpace(strings.Trim(c.Chain, "[] "))
	if len(bare) > maxChain || strings.ContainsAny(bare, "[]\r\n") {
		return sdk.AttributeError(errors.New("is not the prefix of a log line"),
			`take what stands between the brackets, such as chain = "Parachain"`, "chain")
	}
	if bare != c.Chain {
		return sdk.AttributeError(errors.New("must not have brackets or blanks around it"),
			fmt.Sprintf("write chain = %q", bare), "chain")
	}
	return nil
}
