// Package wire is the host's side of the protocol, in the words of package sdk.
// Hosts and test kits use it; a plugin author never does. It judges what comes
// in: a value that cannot be right is an error, never passed on.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// LifelineVariable is set to 1 for a plugin whose file descriptor 3 is the read
// end of a pipe that the host holds.
const LifelineVariable = handshake.Lifeline

// MaxMessage bounds one message, in bytes.
const MaxMessage = handshake.MaxMessage

// Handshake is what a host asks of a plugin before it speaks to it.
func Handshake() goplugin.HandshakeConfig { return handshake.Config() }

// ServiceName is the key of the services in a go-plugin set.
const ServiceName = handshake.Name

// Client speaks to one plugin. It is safe for concurrent use. Its errors are
// [sdk.Error] values; those of a context can be told with errors.Is.
type Client struct {
	plugin pluginv1.PluginClient
	head   pluginv1.HeadSourceClient
	log    pluginv1.LogSourceClient
	parser pluginv1.LogParserClient
	action pluginv1.ActionClient
}

// NewClient speaks over a connection.
func NewClient(c grpc.ClientConnInterface) *Client {
	return &Client{
		plugin: pluginv1.NewPluginClient(c),
		head:   pluginv1.NewHeadSourceClient(c),
		log:    pluginv1.NewLogSourceClient(c),
		parser: pluginv1.NewLogParserClient(c),
		action: pluginv1.NewActionClient(c),
	}
}

// Info asks a plugin who it is.
func (c *Client) Info(ctx context.Context) (sdk.Info, error) {
	r, err := c.plugin.GetInfo(ctx, &pluginv1.GetInfoRequest{})
	if err != nil {
		return sdk.Info{}, failure(ctx, err)
	}
	return infoOf(r), nil
}

// Schema asks what its config and target blocks may hold.
func (c *Client) Schema(ctx context.Context) (config, target sdk.Schema, err error) {
	r, err := c.plugin.GetSchema(ctx, &pluginv1.GetSchemaRequest{})
	if err != nil {
		return config, target, failure(ctx, err)
	}
	if config, err = schemaOf(r.GetConfig()); err != nil {
		return config, target, fmt.Errorf("read schema of config: %w", err)
	}
	if target, err = schemaOf(r.GetTarget()); err != nil {
		return config, target, fmt.Errorf("read schema of target: %w", err)
	}
	return config, target, nil
}

// ValidateConfig has the plugin judge a config and a target, each a JSON object
// or nil.
func (c *Client) ValidateConfig(ctx context.Context, config, target []byte) ([]sdk.Diagnostic, error) {
	r, err := c.plugin.ValidateConfig(ctx, &pluginv1.ValidateConfigRequest{ConfigJson: config, TargetJson: target})
	if err != nil {
		return nil, failure(ctx, err)
	}
	return diagnosticsOf(r.GetDiagnostics()), nil
}

// Configure has the plugin take a config into use. Diagnostics that are errors
// mean that it did not.
func (c *Client) Configure(ctx context.Context, config []byte) ([]sdk.Diagnostic, error) {
	r, err := c.plugin.Configure(ctx, &pluginv1.ConfigureRequest{ConfigJson: config})
	if err != nil {
		return nil, failure(ctx, err)
	}
	return diagnosticsOf(r.GetDiagnostics()), nil
}

// GetHead asks for the network's head.
func (c *Client) GetHead(ctx context.Context) (sdk.Head, error) {
	r, err := c.head.GetHead(ctx, &pluginv1.GetHeadRequest{})
	if err != nil {
		return sdk.Head{}, failure(ctx, err)
	}
	made, err := timeOf(r.GetBlockTime())
	if err != nil {
		return sdk.Head{}, fmt.Errorf("read time of head: %w", err)
	}
	return sdk.Head{Best: r.GetBest(), Finalized: r.Finalized, Hash: r.GetHash(), Time: made, Endpoint: r.GetEndpoint()}, nil
}

// ReadLog follows the log of a target until ctx is done, the plugin ends it, or
// send returns an error, which is then the result.
func (c *Client) ReadLog(ctx context.Context, target []byte, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.log.Read(ctx, &pluginv1.ReadRequest{TargetJson: target, Cursor: from.Cursor, Tail: uint32(max(0, from.Tail))})
	if err != nil {
		return failure(ctx, err)
	}
	for {
		r, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return sdk.Unavailable(errors.New("the plugin ended the log"))
		case err != nil:
			return failure(ctx, err)
		}
		item, err := itemOf(r)
		if err != nil {
			return err
		}
		if err := send(item); err != nil {
			return err
		}
	}
}

// ParsedEvent is an event with the index of the line that says it.
type ParsedEvent struct {
	Line  int
	Event sdk.Event
}

// Parse gives lines to a parser. state is what the call before returned in this
// run, nil at its start.
func (c *Client) Parse(ctx context.Context, state []byte, lines []sdk.Line) (next []byte, events []ParsedEvent, err error) {
	request := &pluginv1.ParseRequest{State: state, Lines: make([]*pluginv1.Line, len(lines))}
	for i, line := range lines {
		request.Lines[i] = &pluginv1.Line{Time: stamp(line.Time), Text: line.Text, Stream: streamTo(line.Stream), Truncated: line.Truncated}
	}
	r, err := c.parser.Parse(ctx, request)
	if err != nil {
		return nil, nil, failure(ctx, err)
	}
	last := 0
	for _, e := range r.GetEvents() {
		event, err := eventOf(e)
		if err != nil {
			return nil, nil, fmt.Errorf("read event of line %d: %w", e.GetLine(), err)
		}
		line := int(e.GetLine())
		if line >= len(lines) || line < last {
			return nil, nil, fmt.Errorf("event is of line %d after line %d of %d", line, last, len(lines))
		}
		last = line
		events = append(events, ParsedEvent{Line: line, Event: event})
	}
	return r.GetState(), events, nil
}

// Inspect asks for the state of a target.
func (c *Client) Inspect(ctx context.Context, target []byte) (sdk.State, error) {
	r, err := c.action.Inspect(ctx, &pluginv1.InspectRequest{TargetJson: target})
	if err != nil {
		return sdk.State{}, failure(ctx, err)
	}
	return stateOf(r.GetState())
}

// Execute asks for one act.
func (c *Client) Execute(ctx context.Context, target []byte, request sdk.Request) (sdk.Result, error) {
	r, err := c.action.Execute(ctx, &pluginv1.ExecuteRequest{
		TargetJson: target, RequestId: request.ID, Reason: request.Reason, TargetId: request.TargetID,
		RunStartedAt: stamp(request.RunStartedAt), AskedAt: stamp(request.AskedAt), Resume: request.Resume, DryRun: request.DryRun,
	})
	if err != nil {
		return sdk.Result{}, failure(ctx, err)
	}
	return resultOf(r)
}

// failure turns a gRPC status into an error of the SDK. An end of ctx stays
// one, so that a caller can tell its own deadline.
func failure(ctx context.Context, err error) error {
	s := status.Convert(err)
	if ctx.Err() != nil && (s.Code() == codes.Canceled || s.Code() == codes.DeadlineExceeded) {
		return sdk.NewError(codes.DeadlineExceeded, fmt.Errorf("no answer in time: %w", ctx.Err()), 0)
	}
	var pause time.Duration
	for _, detail := range s.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok && retry.GetRetryDelay().IsValid() {
			pause = retry.GetRetryDelay().AsDuration()
		}
	}
	return sdk.NewError(s.Code(), errors.New(s.Message()), pause)
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
