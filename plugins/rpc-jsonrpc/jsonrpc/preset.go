package jsonrpc

import (
	"maps"
	"slices"
	"time"
)

// presets are the questions by the names of their chains, in the words of the
// configuration, so that the README can show each as an operator would write
// it. They are read only.
func presets() map[string]Config {
	return map[string]Config{
		"ethereum": {
			Method: "eth_getBlockByNumber", Params: `["latest", false]`,
			Best: "result.number", Hash: "result.hash", Time: "result.timestamp",
			Also: []Also{
				{Method: "eth_syncing", Syncing: "result"},
				{Method: "net_peerCount", Peers: "result"},
				{Method: "eth_chainId", Chain: "result"},
				{Method: "eth_getBlockByNumber", Params: `["finalized", false]`, Finalized: "result.number"},
			},
			OldAfter: 2 * time.Minute,
		},
		"ethereum-beacon": {
			Request: "GET /eth/v1/beacon/headers/head",
			Best:    "data.header.message.slot", Hash: "data.root",
			Also: []Also{
				{Request: "GET /eth/v1/node/syncing", Syncing: "data.is_syncing", Behind: "data.sync_distance"},
				{Request: "GET /eth/v1/node/peer_count", Peers: "data.connected"},
				{Request: "GET /eth/v1/config/deposit_contract", Chain: "data.chain_id"},
				{Request: "GET /eth/v1/beacon/headers/finalized", Finalized: "data.header.message.slot"},
			},
			SlotDuration: 12 * time.Second,
			OldAfter:     2 * time.Minute,
		},
		"cometbft": {
			Request: "GET /status",
			Best:    "result.sync_info.latest_block_height", Finalized: "result.sync_info.latest_block_height",
			Hash: "result.sync_info.latest_block_hash", Time: "result.sync_info.latest_block_time",
			Syncing: "result.sync_info.catching_up", Chain: "result.node_info.network",
			Also:     []Also{{Request: "GET /net_info", Peers: "result.n_peers"}},
			OldAfter: 2 * time.Minute,
		},
		"bitcoin": {
			Method: "getblockchaininfo",
			Best:   "result.blocks", Hash: "result.bestblockhash",
			Syncing: "result.initialblockdownload", Highest: "result.headers", Chain: "result.chain",
			Also: []Also{{Method: "getnetworkinfo", Peers: "result.connections"}},
		},
		"solana":        solana("getSlot"),
		"solana-height": solana("getBlockHeight"),
	}
}

// solana asks for the newest block that two thirds of the stake have voted for;
// a node's own newest may be of a fork that dies.
func solana(method string) Config {
	return Config{
		Method: method, Params: `[{"commitment": "confirmed"}]`,
		Best: "result",
		Also: []Also{
			{Method: "getHealth"},
			{Method: "getGenesisHash", Chain: "result"},
			{Method: method, Params: `[{"commitment": "finalized"}]`, Finalized: "result"},
		},
	}
}

// expanded is the configuration with the question of its preset in it.
func (c *Config) expanded() Config {
	full := *c
	preset, ok := presets()[c.Preset]
	if !ok {
		return full
	}
	full.Method, full.Params, full.Request, full.Body = preset.Method, preset.Params, preset.Request, preset.Body
	full.Best, full.Finalized, full.Hash, full.Time = preset.Best, preset.Finalized, preset.Hash, preset.Time
	full.Syncing, full.Behind, full.Highest = preset.Syncing, preset.Behind, preset.Highest
	full.Peers, full.Chain, full.Also = preset.Peers, preset.Chain, preset.Also
	if c.SlotDuration == 0 {
		full.SlotDuration = preset.SlotDuration
	}
	if c.OldAfter == 0 {
		full.OldAfter = preset.OldAfter
	}
	return full
}

// presetNames are the names in order.
func presetNames() []string { return slices.Sorted(maps.Keys(presets())) }
