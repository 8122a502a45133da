package proposal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/sdk"
)

// target is a container by its image and command.
func target(name, image, command string) sdk.FoundTarget {
	return sdk.FoundTarget{ID: "id of " + name, Name: name, Target: fmt.Sprintf(`{"container":%q}`, name), Running: true, Image: image, Command: strings.Fields(command)}
}

func TestRecognise(t *testing.T) {
	for _, test := range []struct{ image, command, want string }{
		{"parity/polkadot:v1.18", "/usr/bin/polkadot --name x", "Polkadot, network polkadot"},
		{"parity/polkadot", "/usr/bin/polkadot --chain=kusama", "Polkadot, network kusama"},
		{"parity/polkadot", "/usr/bin/polkadot --chain /specs/x.json", "Polkadot, network unknown"},
		{"public.ecr.aws/p6e8q1z1/aleph-node@sha256:abc", "docker-entrypoint.sh --chain mainnet", "aleph-node, network aleph-zero"},
		{"public.ecr.aws/p6e8q1z1/aleph-node:r-15", "docker-entrypoint.sh", "aleph-node, network unknown"},
		{"parity/polkadot-parachain", "/usr/local/bin/polkadot-parachain --chain asset-hub-polkadot", "parachain, network asset-hub-polkadot"},
		{"example.org/own", "/app/node --base-path /d --chain moonbeam", "Substrate, network moonbeam"},
		{"ethereum/client-go:stable", "geth --http", "geth, network mainnet"},
		{"localhost:5000/geth", "geth --sepolia", "geth, network sepolia"},
		{"ethereum/client-go", "geth --networkid 56", "geth, network unknown"},
		{"us-docker.pkg.dev/oplabs-tools-artifacts/images/op-geth:v1", "geth --rollup.sequencerhttp=https://x/KEY", "op-geth, network unknown"},
		{"nethermind/nethermind", "./nethermind --config sepolia", "Nethermind, network sepolia"},
		{"ghcr.io/paradigmxyz/reth", "/usr/local/bin/reth node", "Reth, network mainnet"},
		{"sigp/lighthouse", "lighthouse bn --network holesky", "Lighthouse, network holesky"},
		{"sigp/lighthouse", "lighthouse vc --network mainnet", ""},
		{"gcr.io/offchainlabs/prysm/beacon-chain:v6", "/app/cmd/beacon-chain/beacon-chain --hoodi", "Prysm, network hoodi"},
		{"bitcoin/bitcoin:29", "/entrypoint.sh bitcoind -rpcpassword=s3cret", "Bitcoin Core, network main"},
		{"bitcoin/bitcoin:29", "/entrypoint.sh bitcoind -chain=signet", "Bitcoin Core, network signet"},
		{"anzaxyz/agave", "agave-validator --entrypoint entrypoint.mainnet-beta.solana.com:8001", "Solana, network mainnet-beta"},
		{"ghcr.io/cosmos/gaia", "gaiad start", "CometBFT, network unknown"},
		{"x/y", "cosmovisor run start", "CometBFT, network unknown"},
		{"postgres:16", "docker-entrypoint.sh postgres", ""},
		{"", "", ""},
		{"example.org/polkadot-exporter", "/exporter --chain kusama", ""},
	} {
		got := ""
		if n, ok := Recognise(target("n", test.image, test.command)); ok {
			got = strings.TrimPrefix(n.String(), "n: ")
		}
		if got != test.want {
			t.Errorf("image %q, command %q: %q, want %q", test.image, test.command, got, test.want)
		}
	}
}

// The proposal for a machine with nodes of each sort, as it is written.
// UPDATE_GOLDEN=1 writes it anew.
func TestText(t *testing.T) {
	stopped, service := target("old", "parity/polkadot", ""), target("stack-geth-1", "ethereum/client-go", "geth --authrpc.jwtsecret s3cret")
	stopped.Running = false
	service.Target = `{"project":"stack","service":"geth"}`
	p := New([]sdk.FoundTarget{
		target("0 odd ${name}", "parity/polkadot", "polkadot --chain kusama"), target("beacon", "sigp/lighthouse:v8", "lighthouse bn"),
		service, target("hub", "ghcr.io/cosmos/gaia", "gaiad start"), target("hub2", "ghcr.io/cosmos/gaia", "gaiad start"),
		target("ksm", "parity/polkadot", "polkadot --chain kusama"), target("db", "postgres", "postgres -p s3cret"), stopped,
	})
	golden := filepath.Join("testdata", "monitor.hcl")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(p.Text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), p.Text); diff != "" {
		t.Errorf("proposal (-want +got):\n%s", diff)
	}
	var summary strings.Builder
	if err := p.WriteSummary(&summary); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(p.Text+summary.String(), "s3cret") {
		t.Error("a secret is shown")
	}
	if p.Todo != 5 || len(p.Stopped) != 1 || len(p.Others) != 1 {
		t.Errorf("todo %d, stopped %v, others %v", p.Todo, p.Stopped, p.Others)
	}
	if _, found := config.Parse("monitor.hcl", []byte(p.Text), nil); len(found) > 0 {
		t.Error(found)
	}
}

// What is known of a network is written: its pace, and what its endpoints may want.
func TestTextOfNetwork(t *testing.T) {
	for _, test := range []struct {
		image, command string
		want           []string
	}{
		{"bitcoin/bitcoin:29", "bitcoind", []string{"# TODO: no public endpoint of Bitcoin Core, network main, is known.\n# Name two of different providers",
			`user     = env("RPC_USER_1", null)`, `password = env("RPC_PASSWORD_2", null)`, `block_time = "600s"`}},
		{"sigp/lighthouse", "lighthouse bn", []string{"# TODO: only one public endpoint of Lighthouse, network mainnet, is known", `block_time = "12s"`}},
		{"aleph-node", "aleph-node --chain mainnet", []string{`slot_duration = "1s"`, `block_time = "1s"`}},
		{"parity/polkadot", "polkadot", []string{`slot_duration = "6s"`, `block_time = "6s"`}},
		{"anzaxyz/agave", "agave-validator --entrypoint entrypoint.mainnet-beta.solana.com:8001", []string{`block_time = "400ms"`}},
	} {
		p := New([]sdk.FoundTarget{target("node", test.image, test.command)})
		for _, want := range test.want {
			if !strings.Contains(p.Text, want) {
				t.Errorf("%s: %q is not in\n%s", test.image, want, p.Text)
			}
		}
		if _, found := config.Parse("monitor.hcl", []byte(p.Text), nil); len(found) > 0 {
			t.Errorf("%s: %v", test.image, found)
		}
	}
}

// Of every kind and network the proposal can be used as it stands.
func TestEveryKind(t *testing.T) {
	for _, k := range append(kinds(), kind{name: "Substrate"}) {
		for _, network := range []string{"", "--chain kusama", "--network sepolia", "--entrypoint x.mainnet-beta.y", "--chain mainnet"} {
			image := "example.org/own"
			if len(k.programs) > 0 {
				image = k.programs[0]
			} else if !strings.Contains(network, "--chain") {
				continue
			}
			p := New([]sdk.FoundTarget{target("node", image, "x --base-path /d "+network)})
			if len(p.Nodes) != 1 || p.Nodes[0].Kind != k.name {
				t.Fatalf("image %s is %v", image, p.Nodes)
			}
			if _, found := config.Parse("monitor.hcl", []byte(p.Text), nil); len(found) > 0 {
				t.Errorf("%s: %v\n%s", k.name, found, p.Text)
			}
		}
	}
}
