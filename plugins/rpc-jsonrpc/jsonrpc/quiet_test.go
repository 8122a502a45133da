package jsonrpc

import (
	"log/slog"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// quietServer is a server that is never asked.
func quietServer() *server {
	a, err := endpoint.ParseAddress("http://node.test", "http")
	if err != nil {
		panic(err)
	}
	return &server{Endpoint: endpoint.New(a, endpoint.Options{}), config: &Config{}, log: slog.New(slog.DiscardHandler), missing: map[missing]bool{}}
}
