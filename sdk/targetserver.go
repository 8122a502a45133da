package sdk

import (
	"fmt"

	"google.golang.org/grpc"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// targetSourceServer serves an author's target source.
type targetSourceServer struct {
	pluginv1.UnimplementedTargetSourceServer
	plugin *plugin
	source TargetSource
}

// Watch runs until the author's source returns.
func (s *targetSourceServer) Watch(r *pluginv1.WatchRequest, stream grpc.ServerStreamingServer[pluginv1.WatchResponse]) error {
	if err := s.plugin.ready(); err != nil {
		return err
	}
	return s.source.WatchTargets(stream.Context(), r.GetNoFollow(), func(item TargetItem) error {
		message, err := targetItemTo(item)
		if err != nil {
			return err
		}
		return stream.Send(message)
	})
}

func targetItemTo(item TargetItem) (*pluginv1.WatchResponse, error) {
	switch item := item.(type) {
	case FoundTarget:
		found := &pluginv1.FoundTarget{Id: valid(item.ID), Name: valid(item.Name), TargetJson: []byte(item.Target), Running: item.Running,
			Labels: map[string]string{}, Image: valid(item.Image), Command: validAll(item.Command)}
		for name, value := range item.Labels {
			found.Labels[valid(name)] = valid(value)
		}
		return &pluginv1.WatchResponse{Item: &pluginv1.WatchResponse_Found{Found: found}}, nil
	case TargetGone:
		return &pluginv1.WatchResponse{Item: &pluginv1.WatchResponse_Gone{Gone: &pluginv1.TargetGone{Id: valid(item.ID)}}}, nil
	case TargetsListed:
		return &pluginv1.WatchResponse{Item: &pluginv1.WatchResponse_Listed{Listed: &pluginv1.TargetsListed{}}}, nil
	}
	return nil, Invalid(fmt.Errorf("target item of type %T is unknown", item))
}
