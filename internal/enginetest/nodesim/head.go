package nodesim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// network says how high the chain is.
type network interface {
	head(ctx context.Context, now time.Time) (uint64, error)
}

func (s Settings) network() network {
	if s.RPC != "" {
		return &rpcNetwork{url: s.RPC}
	}
	return clockNetwork(s)
}

// clockNetwork grows with time.
type clockNetwork Settings

func (n clockNetwork) head(_ context.Context, now time.Time) (uint64, error) {
	passed := now.Sub(n.Epoch).Seconds()
	return n.Start + uint64(max(passed, 0)*n.Rate), nil
}

// rpcNetwork asks an endpoint, not more often than twice a second.
type rpcNetwork struct {
	url   string
	asked time.Time
	last  uint64
}

func (n *rpcNetwork) head(ctx context.Context, now time.Time) (uint64, error) {
	if now.Sub(n.asked) < 500*time.Millisecond {
		return n.last, nil
	}
	n.asked = now
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	question := []byte(`{"jsonrpc":"2.0","id":1,"method":"chain_getHeader","params":[]}`)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url, bytes.NewReader(question))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var header struct {
		Result struct{ Number string }
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&header); err != nil {
		return 0, fmt.Errorf("read the chain's head: %w", err)
	}
	n.last, err = strconv.ParseUint(strings.TrimPrefix(header.Result.Number, "0x"), 16, 64)
	return n.last, err
}
