package substraterpc

import (
	"encoding/json"
	"log/slog"
	"strings"
)

// parachainMarks begin the logs that only a parachain's headers have: what
// Cumulus says of the core (CMLS) and of the relay chain's state (RPSR), and
// Moonbeam's way to choose authors (nmbs).
func parachainMarks() []string {
	return []string{"0x06434d4c53", "0x04434d4c53", "0x0452505352", "0x066e6d6273"}
}

// isParachain says whether the logs of a header show that its chain is a
// parachain. Not every parachain's do.
func isParachain(logs []json.RawMessage) bool {
	for _, each := range logs {
		var text string
		if json.Unmarshal(each, &text) != nil {
			continue
		}
		for _, mark := range parachainMarks() {
			if strings.HasPrefix(strings.ToLower(text), mark) {
				return true
			}
		}
	}
	return false
}

// chainHint says once what a log parser has to be set to for these heads: the
// log of a parachain's node shows its relay chain's blocks too.
type chainHint struct {
	log  *slog.Logger
	said bool
}

func (h *chainHint) sayOnce(b block, endpointName string) {
	if h.said || !b.parachain {
		return
	}
	h.said = true
	h.log.Info("heads are those of a parachain, not of its relay chain", "endpoint", endpointName,
		"hint", `where the node's log names its chains in brackets, as in [Parachain], set that name in the log_parser's config: chain = "Parachain"`)
}
