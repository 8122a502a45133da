package conformance

import (
	"context"
	"errors"
	"io"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/internal/batch"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// sample is a harmless call of a kind.
type sample struct {
	method string
	call   func(context.Context) error
	// stream says that it goes on for ever.
	stream bool
}

// samples are one call for each kind that the plugin serves. None of them acts.
func (r *run) samples(i *subject.Instance, e example) []sample {
	target := e.target.JSON()
	all := map[sdk.Kind]sample{
		sdk.KindHeadSource: {method: "GetHead", call: with(i.Head.GetHead, &pluginv1.GetHeadRequest{})},
		sdk.KindLogParser:  {method: "Parse", call: with(i.Parser.Parse, &pluginv1.ParseRequest{Lines: linesOf(e)})},
		sdk.KindAction:     {method: "Inspect", call: with(i.Action.Inspect, &pluginv1.InspectRequest{TargetJson: target})},
		sdk.KindLogSource:  {method: "Read", stream: true, call: func(ctx context.Context) error { return firstItem(ctx, i, target) }},
	}
	var chosen []sample
	for _, kind := range r.report.Info.Kinds {
		if s, ok := all[kind]; ok {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// firstItem reads a log until anything comes.
func firstItem(ctx context.Context, i *subject.Instance, target []byte) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := i.Log.Read(ctx, &pluginv1.ReadRequest{TargetJson: target, Tail: 10})
	if err != nil {
		return err
	}
	if _, err = stream.Recv(); errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// linesOf are the lines of an example, as many as fit into one call.
func linesOf(e example) []*pluginv1.Line {
	return batch.Stamped(e.Lines[:handshake.Fitting(len(e.Lines), func(i int) int { return len(e.Lines[i]) })]...)
}
