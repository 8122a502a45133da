package proposal

import (
	"slices"
	"strings"
)

// arguments are those of a program.
type arguments []string

// value is the value of the first of the flags that is given, as --flag value or
// --flag=value.
func (a arguments) value(flags ...string) (string, bool) {
	for i, word := range a {
		name, value, joined := strings.Cut(word, "=")
		switch {
		case !slices.Contains(flags, name):
		case joined:
			return value, true
		case i+1 < len(a):
			return a[i+1], true
		}
	}
	return "", false
}

// flag finds the network in a flag; fallback is what holds without.
func flag(fallback string, flags ...string) func(arguments) string {
	return func(a arguments) string {
		if value, given := a.value(flags...); given {
			return strings.ToLower(value)
		}
		return fallback
	}
}

// alephNetwork knows Aleph Zero's two networks.
func alephNetwork(a arguments) string {
	switch value, _ := a.value("--chain"); value {
	case "mainnet":
		return "aleph-zero"
	case "testnet":
		return "aleph-zero-testnet"
	}
	return ""
}

// testnetFlag is a flag that is the name of a network.
func testnetFlag(a arguments) string {
	for _, name := range []string{"sepolia", "holesky", "hoodi", "goerli", "dev"} {
		if slices.Contains(a, "--"+name) || slices.Contains(a, "--"+name+"=true") {
			return name
		}
	}
	return "mainnet"
}

// gethNetwork also reads the number of a network.
func gethNetwork(a arguments) string {
	switch id, given := a.value("--networkid"); {
	case !given:
		return testnetFlag(a)
	case id == "1":
		return "mainnet"
	case id == "11155111":
		return "sepolia"
	}
	return ""
}

// bitcoinNetwork reads flags that have one or two dashes.
func bitcoinNetwork(a arguments) string {
	if value, given := a.value("-chain", "--chain"); given {
		return value
	}
	for _, word := range a {
		switch name := strings.TrimSuffix(strings.TrimLeft(word, "-"), "=1"); name {
		case "testnet", "testnet4", "regtest", "signet":
			return name
		}
	}
	return "main"
}

// solanaNetwork reads the name of an entrypoint.
func solanaNetwork(a arguments) string {
	entrypoint, _ := a.value("--entrypoint")
	for _, name := range []string{"mainnet-beta", "testnet", "devnet"} {
		if strings.Contains(entrypoint, name) {
			return name
		}
	}
	return ""
}

// network is a network whose public endpoints are known.
type network struct {
	// urls are endpoints of different providers.
	urls []string
	// attribute and value of the source's config name the chain, so that an endpoint
	// of another one is not used; empty for none.
	attribute, value string
}

// pace is the time from block to block of a network, on Substrate that of a slot too;
// empty where it is not known.
func pace(heads block, name string) string {
	return map[string]string{
		"polkadot": "6s", "kusama": "6s", "westend": "6s", "paseo": "6s", "aleph-zero": "1s", "aleph-zero-testnet": "1s",
		"ethereum/mainnet": "12s", "ethereum/sepolia": "12s", "ethereum/holesky": "12s", "ethereum/hoodi": "12s",
		"ethereum-beacon/mainnet": "12s", "ethereum-beacon/sepolia": "12s", "ethereum-beacon/holesky": "12s", "ethereum-beacon/hoodi": "12s",
		"bitcoin/main": "600s", "solana/mainnet-beta": "400ms",
	}[networkKey(heads, name)]
}

// known is what is known of a network, by what asks for its head.
func known(heads block, name string) network {
	return map[string]network{
		"polkadot": {[]string{"https://polkadot-public-rpc.blockops.network/ws", "https://rpc.ibp.network/polkadot", "https://polkadot.dotters.network"},
			"genesis", "0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3"},
		"kusama": {[]string{"https://kusama-public-rpc.blockops.network/ws", "https://rpc.ibp.network/kusama", "https://kusama.dotters.network"},
			"genesis", "0xb0a8d493285c2df73290dfb7e61f870f17b41801197a149ca93654499ea3dafe"},
		"aleph-zero":              {[]string{"https://aleph-zero.api.onfinality.io/public", "https://rpc.azero.dev"}, "", ""},
		"ethereum/mainnet":        {[]string{"https://ethereum-rpc.publicnode.com", "https://eth.drpc.org", "https://eth.llamarpc.com"}, "chain_id", "1"},
		"ethereum/sepolia":        {[]string{"https://ethereum-sepolia-rpc.publicnode.com", "https://1rpc.io/sepolia"}, "chain_id", "11155111"},
		"ethereum-beacon/mainnet": {[]string{"https://ethereum-beacon-api.publicnode.com"}, "chain_id", "1"},
		"solana/mainnet-beta":     {[]string{"https://api.mainnet-beta.solana.com", "https://solana-rpc.publicnode.com"}, "", ""},
	}[networkKey(heads, name)]
}

// networkKey names a network by what asks for its head.
func networkKey(heads block, name string) string {
	return strings.TrimPrefix(heads.value+"/"+name, "/")
}
