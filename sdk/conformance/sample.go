package conformance

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// sample is a harmless call of a kind.
type sample struct {
	method string
	call   func(context.Context) error
	// alone says that a host makes one such call at a time, stream that it goes
	// on for ever.
	alone, stream bool
}

// samples are one call for each kind that the plugin serves. None of them acts.
func (r *run) samples(i *Instance, e example) []sample {
	target := e.target.json()
	all := map[sdk.Kind]sample{
		sdk.KindHeadSource: {method: "GetHead", call: func(ctx context.Context) error {
			_, err := i.head.GetHead(ctx, &pluginv1.GetHeadRequest{})
			return err
		}},
		sdk.KindLogParser: {method: "Parse", call: func(ctx context.Context) error {
			_, err := i.parser.Parse(ctx, &pluginv1.ParseRequest{Lines: linesOf(e)})
			return err
		}},
		sdk.KindAction: {method: "Inspect", call: func(ctx context.Context) error {
			_, err := i.action.Inspect(ctx, &pluginv1.InspectRequest{TargetJson: target})
			return err
		}},
		sdk.KindLogSource: {method: "Read", stream: true, call: func(ctx context.Context) error { return firstItem(ctx, i, target) }},
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
func firstItem(ctx context.Context, i *Instance, target []byte) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := i.log.Read(ctx, &pluginv1.ReadRequest{TargetJson: target, Tail: 10})
	if err != nil {
		return err
	}
	if _, err = stream.Recv(); errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// firstStamp is the stamp of the first line that the kit sends.
func firstStamp() time.Time { return time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC) }

// linesOf are the lines of an example, as many as fit into one call.
func linesOf(e example) []*pluginv1.Line {
	var texts [][]byte
	for _, text := range e.Lines {
		texts = append(texts, []byte(text))
	}
	return stamped(texts[:handshake.Fitting(len(texts), func(i int) int { return len(texts[i]) })])
}

// stamped are lines a second apart.
func stamped(texts [][]byte) []*pluginv1.Line {
	var lines []*pluginv1.Line
	for n, text := range texts {
		fitting, cut := handshake.Cut(slices.Clone(text))
		lines = append(lines, &pluginv1.Line{Time: timestamppb.New(firstStamp().Add(time.Duration(n) * time.Second)), Text: fitting,
			Stream: pluginv1.Stream_STREAM_STDOUT, Truncated: cut})
	}
	return lines
}
