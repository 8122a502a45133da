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
}

// GetHead asks the author's source.
func (s *headSourceServer) GetHead(ctx context.Context, _ *pluginv1.GetHeadRequest) (*pluginv1.GetHeadResponse, error) {
	if err := s.plugin.ready(); err != nil {
		return nil, err
	}
	head, err := s.source.GetHead(ctx)
	if err != nil {
		return nil, err
	}
	return &pluginv1.GetHeadResponse{Best: head.Best, Finalized: head.Finalized, Hash: valid(head.Hash), BlockTime: stamp(head.Time), Endpoint: valid(head.Endpoint)}, nil
}
