package sdk

import (
	"context"
	"fmt"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// headSourceServer serves an author's head source.
type headSourceServer struct {
	pluginv1.UnimplementedHeadSourceServer
	plugin *plugin
	source HeadSource
	// turn is held by the call of the source that is under way: a host asks once
	// at a time, but a call that it gave up may go on for a while.
	turn chan struct{}
}

func newHeadSourceServer(p *plugin, source HeadSource) *headSourceServer {
	return &headSourceServer{plugin: p, source: source, turn: make(chan struct{}, 1)}
}

// GetHead asks the author's source.
func (s *headSourceServer) GetHead(ctx context.Context, q *pluginv1.GetHeadRequest) (*pluginv1.GetHeadResponse, error) {
	if err := s.plugin.ready(); err != nil {
		return nil, err
	}
	ask := s.source.GetHead
	if node, ok := s.source.(NodeSource); ok && q.GetOwn() {
		ask = node.GetNode
	}
	head, err := s.inTurn(ctx, ask)
	if err != nil {
		return nil, err
	}
	return &pluginv1.GetHeadResponse{Best: head.Best, Finalized: head.Finalized, Hash: valid(head.Hash), BlockTime: stamp(head.Time), Endpoint: valid(head.Endpoint),
		Syncing: head.Syncing, Peers: head.Peers, Chain: valid(head.Chain), Progress: head.Progress}, nil
}

func (s *headSourceServer) inTurn(ctx context.Context, ask func(context.Context) (Head, error)) (Head, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
		return ask(ctx)
	case <-ctx.Done():
		return Head{}, fmt.Errorf("the call before has not returned yet: %w", ctx.Err())
	}
}
