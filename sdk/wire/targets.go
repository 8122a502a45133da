package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// WatchTargets asks which targets there are, until ctx is done, the plugin ends it,
// or send returns an error, which is then the result. With noFollow it returns nil
// after the list. A plugin that tells no targets fails with the code UNIMPLEMENTED.
func (c *Client) WatchTargets(ctx context.Context, noFollow bool, send func(sdk.TargetItem) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.target.Watch(ctx, &pluginv1.WatchRequest{NoFollow: noFollow})
	if err != nil {
		return failure(ctx, err)
	}
	for {
		r, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return sdk.Unavailable(errors.New("the plugin ended the list of targets"))
		case err != nil:
			return failure(ctx, err)
		}
		item, err := targetItemOf(r)
		if errors.Is(err, errLater) {
			continue
		}
		if err != nil {
			return malformed("target", err)
		}
		if err := send(item); err != nil {
			return err
		}
		if _, listed := item.(sdk.TargetsListed); listed && noFollow {
			return nil
		}
	}
}

// targetItemOf reads an item of the list of targets, or returns errLater.
func targetItemOf(r *pluginv1.WatchResponse) (sdk.TargetItem, error) {
	switch item := r.GetItem().(type) {
	case *pluginv1.WatchResponse_Found:
		return foundTargetOf(item.Found)
	case *pluginv1.WatchResponse_Gone:
		return sdk.TargetGone{ID: text(item.Gone.GetId())}, nil
	case *pluginv1.WatchResponse_Listed:
		return sdk.TargetsListed{}, nil
	}
	return nil, errLater
}

func foundTargetOf(f *pluginv1.FoundTarget) (sdk.TargetItem, error) {
	found := sdk.FoundTarget{ID: text(f.GetId()), Name: text(f.GetName()), Target: string(f.GetTargetJson()), Running: f.GetRunning(),
		Image: text(f.GetImage()), Command: texts(f.GetCommand()), Labels: map[string]string{}}
	for name, value := range f.GetLabels() {
		found.Labels[text(name)] = text(value)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(f.GetTargetJson(), &object); err != nil || object == nil {
		return nil, errors.New("its target is no JSON object")
	}
	return found, nil
}
