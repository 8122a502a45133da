package endpoint

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// Settings are what the endpoints of a [HeadSource] are made with.
type Settings struct {
	// Dial opens a connection, as in [http.Transport]; nil for the usual way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Log takes what an operator should know; nil for slog's default at the
	// start.
	Log *slog.Logger
}

// HeadSource is a head source that asks several endpoints, with a config block
// of type C: what a plugin of this kind serves.
type HeadSource[C any] struct {
	Settings
	// Block is the config block.
	Block C
	// Sources makes the endpoints of a config block in the order of preference,
	// and says at which age of its head another endpoint is asked; zero for
	// never. What they start ends with ctx. An endpoint may be an [io.Closer].
	Sources func(ctx context.Context, block *C, s Settings) (sources []Source, oldAfter time.Duration, err error)

	heads *Failover
	stop  context.CancelFunc
}

var (
	_ sdk.HeadSource   = (*HeadSource[struct{}])(nil)
	_ sdk.NodeSource   = (*HeadSource[struct{}])(nil)
	_ sdk.Configurable = (*HeadSource[struct{}])(nil)
	_ sdk.Starter      = (*HeadSource[struct{}])(nil)
	_ io.Closer        = (*HeadSource[struct{}])(nil)
)

// Config is the config block.
func (h *HeadSource[C]) Config() any { return &h.Block }

// Start makes the endpoints.
func (h *HeadSource[C]) Start(ctx context.Context) error {
	if h.Log == nil {
		h.Log = slog.Default()
	}
	ctx, h.stop = context.WithCancel(ctx)
	sources, oldAfter, err := h.Sources(ctx, &h.Block, h.Settings)
	if err != nil {
		h.stop()
		return err
	}
	h.heads = NewFailover(ctx, sources, FailoverOptions{OldAfter: oldAfter, Log: h.Log})
	return nil
}

// Close ends the read that is under way and closes every endpoint.
func (h *HeadSource[C]) Close() error {
	if h.heads == nil {
		return nil
	}
	h.stop()
	return h.heads.Close()
}

// GetHead is the newest block that an endpoint answers; see [Failover.GetHead].
func (h *HeadSource[C]) GetHead(ctx context.Context) (sdk.Head, error) {
	if h.heads == nil {
		return sdk.Head{}, errors.New("read the head: the source was not started")
	}
	return h.heads.GetHead(ctx)
}

// GetNode is what the node at the endpoint says of itself; see [Failover.GetNode].
func (h *HeadSource[C]) GetNode(ctx context.Context) (sdk.Head, error) {
	if h.heads == nil {
		return sdk.Head{}, errors.New("read the node: the source was not started")
	}
	return h.heads.GetNode(ctx)
}
