package sdk

import (
	"context"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// headSourceServer serves an author's head source.
type headSourceServer struct {
	pluginv1.UnimplementedHeadSourceServer
	plugin *plugin
	source HeadSource
	// newest is what the source's watch reported; nil where it has none.
	newest *newestHead
}

// GetHead gives what the author's source was told of just now, or asks it.
func (s *headSourceServer) GetHead(ctx context.Context, _ *pluginv1.GetHeadRequest) (*pluginv1.GetHeadResponse, error) {
	if err := s.plugin.ready(); err != nil {
		return nil, err
	}
	head, err := s.head(ctx)
	if err != nil {
		return nil, err
	}
	return &pluginv1.GetHeadResponse{Best: head.Best, Finalized: head.Finalized, Hash: valid(head.Hash), BlockTime: stamp(head.Time), Endpoint: valid(head.Endpoint)}, nil
}

func (s *headSourceServer) head(ctx context.Context) (Head, error) {
	if s.newest != nil {
		if head, ok := s.newest.fresh(); ok {
			return head, nil
		}
	}
	return s.source.GetHead(ctx)
}
