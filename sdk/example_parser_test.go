package sdk_test

import (
	"regexp"
	"strconv"

	"github.com/headwatch/headwatch/sdk"
)

// geth reads the log of a go-ethereum node.
type geth struct {
	imported *regexp.Regexp
}

// gethState is what is remembered from line to line.
type gethState struct {
	Syncing bool
}

var _ sdk.LogParser[gethState] = (*geth)(nil)

func (g *geth) ParseLine(state *gethState, line sdk.Line, emit func(sdk.Event)) {
	found := g.imported.FindSubmatch(line.Text)
	if found == nil {
		return
	}
	number, err := strconv.ParseUint(string(found[2]), 10, 64)
	if err != nil {
		return
	}
	if syncing := string(found[1]) == "Syncing"; syncing != state.Syncing {
		state.Syncing = syncing
		emit(sdk.SyncState{Major: syncing})
	}
	emit(sdk.BlockImported{Number: number})
}

// A log parser that remembers one thing. Its main function is this.
func Example_logParser() {
	parser := &geth{imported: regexp.MustCompile(`(Imported|Syncing).* number=(\d+)`)}
	sdk.ServeLogParser(sdk.Info{Name: "geth-parser", Version: "1.0.0", Description: "reads the log of go-ethereum"}, parser)
}
