// Package proposal recognises nodes among the targets of an action and proposes a
// configuration for them. It never shows the arguments of a program, which may hold
// secrets, but for the name of a network.
package proposal

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// kind is a program that is known.
type kind struct {
	// name is what people call it.
	name string
	// programs are the names of its images and programs.
	programs []string
	// not are arguments of something else that the same program does.
	not []string
	// parser reads its log; heads asks for the head of its network.
	parser, heads block
	// network finds the network in the arguments; empty where it cannot be told.
	network func(arguments) string
}

// block is a plugin with one attribute of its config.
type block struct{ plugin, attribute, value string }

var (
	substrateLog   = block{plugin: "alephlog-parser"}
	substrateHeads = block{plugin: "rpc-onfinality"}
	ethereumHeads  = preset("rpc-jsonrpc", "ethereum")
	beaconHeads    = preset("rpc-jsonrpc", "ethereum-beacon")
	bitcoinHeads   = preset("rpc-jsonrpc", "bitcoin")
)

func preset(plugin, name string) block { return block{plugin, "preset", name} }

// kinds are the programs that are known; the first that fits counts.
func kinds() []kind {
	log := func(name string) block { return preset("log-regexp", name) }
	return []kind{
		{name: "aleph-node", programs: []string{"aleph-node"}, parser: block{"alephlog-parser", "profile", "aleph"}, heads: substrateHeads, network: alephNetwork},
		{name: "Polkadot", programs: []string{"polkadot", "kusama"}, parser: substrateLog, heads: substrateHeads, network: flag("polkadot", "--chain")},
		{name: "Subtensor", programs: []string{"subtensor", "node-subtensor"}, parser: block{"alephlog-parser", "profile", "subtensor"}, heads: substrateHeads, network: flag("", "--chain")},
		{name: "parachain", programs: []string{"polkadot-parachain", "polkadot-omni-node"}, parser: block{"alephlog-parser", "chain", "Parachain"}, heads: substrateHeads, network: flag("", "--chain")},
		{name: "op-geth", programs: []string{"op-geth"}, parser: log("geth"), heads: ethereumHeads, network: flag("", "--op-network")},
		{name: "geth", programs: []string{"geth", "client-go"}, parser: log("geth"), heads: ethereumHeads, network: gethNetwork},
		{name: "Nethermind", programs: []string{"nethermind"}, parser: log("nethermind"), heads: ethereumHeads, network: flag("mainnet", "--config", "-c")},
		{name: "Besu", programs: []string{"besu"}, parser: log("besu"), heads: ethereumHeads, network: flag("mainnet", "--network")},
		{name: "Reth", programs: []string{"reth"}, parser: log("reth"), heads: ethereumHeads, network: flag("mainnet", "--chain")},
		{name: "Erigon", programs: []string{"erigon"}, parser: log("erigon"), heads: ethereumHeads, network: flag("mainnet", "--chain")},
		{name: "Lighthouse", programs: []string{"lighthouse"}, not: []string{"vc", "validator_client", "validator", "account"}, parser: log("lighthouse"), heads: beaconHeads, network: flag("mainnet", "--network")},
		{name: "Prysm", programs: []string{"beacon-chain", "prysm-beacon-chain"}, parser: log("prysm"), heads: beaconHeads, network: testnetFlag},
		{name: "Teku", programs: []string{"teku"}, not: []string{"validator-client", "vc"}, parser: log("teku"), heads: beaconHeads, network: flag("mainnet", "--network")},
		{name: "Nimbus", programs: []string{"nimbus-eth2", "nimbus_beacon_node"}, parser: log("nimbus"), heads: beaconHeads, network: flag("mainnet", "--network")},
		{name: "op-node", programs: []string{"op-node"}, parser: log("op-node"), heads: ethereumHeads, network: flag("", "--network")},
		{name: "Bitcoin Core", programs: []string{"bitcoind", "bitcoin", "bitcoin-core"}, parser: log("bitcoin"), heads: bitcoinHeads, network: bitcoinNetwork},
		{name: "Solana", programs: []string{"agave", "agave-validator", "solana", "solana-validator"}, parser: log("solana"), heads: preset("rpc-jsonrpc", "solana"), network: solanaNetwork},
		{name: "CometBFT", programs: []string{"gaiad", "gaia", "osmosisd", "junod", "celestia-appd", "injectived", "dydxprotocold", "kavad", "axelard", "cosmovisor", "cometbft"},
			not: []string{"tendermint-rpc"}, parser: log("cometbft"), heads: preset("rpc-jsonrpc", "cometbft"), network: flag("", "--chain-id")},
	}
}

// substrate is a node built on Substrate that has no name here: it is known by its
// flags.
func substrate() kind {
	return kind{name: "Substrate", parser: substrateLog, heads: substrateHeads, network: flag("", "--chain")}
}

// Node is a target that is a node.
type Node struct {
	Target sdk.FoundTarget
	// Kind is what people call its program; Network is empty where it cannot be
	// told.
	Kind, Network string
	kind          kind
}

// Recognise says whether a target is a node of a kind that is known.
func Recognise(t sdk.FoundTarget) (Node, bool) {
	words := programs(t)
	args := arguments(t.Command)
	for _, k := range kinds() {
		fits := slices.ContainsFunc(words, func(word string) bool { return slices.Contains(k.programs, word) })
		if fits && !slices.ContainsFunc(t.Command, func(word string) bool { return slices.Contains(k.not, word) }) {
			return node(t, k, args), true
		}
	}
	if _, hasChain := args.value("--chain"); hasChain {
		if _, hasBase := args.value("--base-path", "-d"); hasBase {
			return node(t, substrate(), args), true
		}
	}
	return Node{}, false
}

// networkForm is a name of a network that may be shown.
var networkForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func node(t sdk.FoundTarget, k kind, args arguments) Node {
	n := Node{Target: t, Kind: k.name, kind: k}
	if network := k.network(args); networkForm.MatchString(network) {
		n.Network = network
	}
	return n
}

// programs are the words that may name the program: the image without its registry
// and tag, and the first words of the command, for a script may start it.
func programs(t sdk.FoundTarget) []string {
	image, _, _ := strings.Cut(t.Image, "@")
	image, _, _ = strings.Cut(path.Base(image), ":")
	words := []string{image}
	for _, word := range t.Command[:min(3, len(t.Command))] {
		if strings.HasPrefix(word, "-") {
			break
		}
		words = append(words, path.Base(word))
	}
	return words
}
