package jsonrpc

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// node is a server whose answers are written down, and the network that it is
// in.
type node struct {
	*endpointtest.Node
	network *endpointtest.Network
}

func newNode(t *testing.T, host string) *node { return nodeIn(endpointtest.New(t), host) }

func nodeIn(network *endpointtest.Network, host string) *node {
	n := &node{Node: endpointtest.NewNode(), network: network}
	network.Serve(host, n)
	return n
}

// source starts a source in the node's network. Its url is http://node.test
// where the config has none.
func (n *node) source(t *testing.T, config string) (*endpoint.HeadSource[Config], *endpointtest.Log) {
	t.Helper()
	values := map[string]any{}
	if err := json.Unmarshal([]byte(config), &values); err != nil {
		t.Fatal(err)
	}
	if values["url"] == nil && values["endpoint"] == nil {
		values["url"] = "http://node.test"
	}
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	s := newSource()
	s.Dial = n.network.Dial
	var log *endpointtest.Log
	s.Log, log = endpointtest.NewLog()
	plugintest.ServeHeadSource(t, s, string(text))
	return s, log
}

// getHead asks with the deadline that a host would set.
func getHead(t *testing.T, s sdk.HeadSource) (sdk.Head, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return s.GetHead(ctx)
}
