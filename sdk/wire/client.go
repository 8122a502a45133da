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
	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// LifelineVariable is set to 1 for a plugin whose file descriptor 3 is the read
// end of a pipe that the host holds.
const LifelineVariable = handshake.Lifeline

// ReattachVariable is where a host looks for plugins that it did not start.
const ReattachVariable = handshake.Reattach

// PluginStateVariable names the folder of an action.
const PluginStateVariable = handshake.PluginState

// MaxMessage bounds one message, in bytes.
const MaxMessage = handshake.MaxMessage

// Handshake is what a host asks of a plugin before it speaks to it.
func Handshake() goplugin.HandshakeConfig { return handshake.Config() }

// ServiceName is the key of the services in a go-plugin set.
const ServiceName = handshake.Name

// Client speaks to one plugin. It is safe for concurrent use. Its errors are
// [sdk.Error] values, with the plugin's own words; an end of a context or a
// deadline can be told with errors.Is. An answer that cannot be right has the
// code INTERNAL.
type Client struct {
	plugin pluginv1.PluginClient
	head   pluginv1.HeadSourceClient
	log    pluginv1.LogSourceClient
	parser pluginv1.LogParserClient
	action pluginv1.ActionClient
	target pluginv1.TargetSourceClient
}

// NewClient speaks over a connection.
func NewClient(c grpc.ClientConnInterface) *Client {
	return &Client{
		plugin: pluginv1.NewPluginClient(c),
		head:   pluginv1.NewHeadSourceClient(c),
		log:    pluginv1.NewLogSourceClient(c),
		parser: pluginv1.NewLogParserClient(c),
		action: pluginv1.NewActionClient(c),
		target: pluginv1.NewTargetSourceClient(c),
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
	if config, err = schemaOf(r.GetConfig(), 0); err != nil {
		return config, target, malformed("schema of config", err)
	}
	if target, err = schemaOf(r.GetTarget(), 0); err != nil {
		return config, target, malformed("schema of target", err)
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

// ActTakes asks an action for the longest that an act may take with this
// config, a JSON object; zero where it does not say.
func (c *Client) ActTakes(ctx context.Context, config []byte) (time.Duration, error) {
	r, err := c.plugin.ValidateConfig(ctx, &pluginv1.ValidateConfigRequest{ConfigJson: config})
	if err != nil {
		return 0, failure(ctx, err)
	}
	return max(0, r.GetActTakes().AsDuration()), nil
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
	return c.getHead(ctx, &pluginv1.GetHeadRequest{})
}

// GetNode asks for what the node at the endpoint says of itself. A plugin that does
// not know the question answers as to GetHead.
func (c *Client) GetNode(ctx context.Context) (sdk.Head, error) {
	return c.getHead(ctx, &pluginv1.GetHeadRequest{Own: true})
}

func (c *Client) getHead(ctx context.Context, q *pluginv1.GetHeadRequest) (sdk.Head, error) {
	r, err := c.head.GetHead(ctx, q)
	if err != nil {
		return sdk.Head{}, failure(ctx, err)
	}
	made, err := timeOf(r.GetBlockTime())
	if err != nil {
		return sdk.Head{}, malformed("time of head", err)
	}
	return sdk.Head{Best: r.GetBest(), Finalized: r.Finalized, Hash: text(r.GetHash()), Time: made, Endpoint: endpoint(r.GetEndpoint()),
		Syncing: r.Syncing, Peers: r.Peers, Chain: text(r.GetChain()), Progress: r.Progress}, nil
}

// ReadLog follows the log of a target until ctx is done, the plugin ends it, or
// send returns an error, which is then the result. Where from says NoFollow it
// returns nil after the end of the backlog, and what cannot be read is an error.
func (c *Client) ReadLog(ctx context.Context, target []byte, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.log.Read(ctx, &pluginv1.ReadRequest{TargetJson: target, Cursor: from.Cursor, Tail: uint32(max(0, from.Tail)), NoFollow: from.NoFollow})
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
		if errors.Is(err, errLater) {
			continue
		}
		if err != nil {
			return malformed("item of log", err)
		}
		if trouble, ok := item.(sdk.Unreadable); ok && from.NoFollow {
			return sdk.Unavailable(errors.New(trouble.Reason))
		}
		if err := send(item); err != nil {
			return err
		}
		if _, ended := item.(sdk.BacklogEnd); ended && from.NoFollow {
			return nil
		}
	}
}

// ParsedEvent is an event with the index of the line that says it.
type ParsedEvent struct {
	Line  int
	Event sdk.Event
	// Later names what a later version of the protocol says; Event is nil then.
	Later string
}

// Parse gives lines to a parser, in as many calls as it takes. state is what
// the call before returned in this run, nil at its start; after an error the
// old one holds, and none of the lines counts.
func (c *Client) Parse(ctx context.Context, state []byte, lines []sdk.Line) (next []byte, events []ParsedEvent, err error) {
	for first := 0; ; {
		piece := lines[first:]
		piece = piece[:handshake.Fitting(len(piece), func(i int) int { return len(piece[i].Text) })]
		var said []ParsedEvent
		if state, said, err = c.parse(ctx, state, piece); err != nil {
			return nil, nil, err
		}
		for i := range said {
			said[i].Line += first
		}
		if events == nil {
			events = said
		} else {
			events = append(events, said...)
		}
		if first += len(piece); first == len(lines) {
			return state, events, nil
		}
	}
}

// parse is one call of Parse.
func (c *Client) parse(ctx context.Context, state []byte, lines []sdk.Line) ([]byte, []ParsedEvent, error) {
	request := &pluginv1.ParseRequest{State: state, Lines: linesTo(lines)}
	r, err := c.parser.Parse(ctx, request)
	if err != nil {
		return nil, nil, failure(ctx, err)
	}
	if len(r.GetState()) > maxState {
		return nil, nil, malformed("state of parser", fmt.Errorf("%d bytes are more than %d", len(r.GetState()), maxState))
	}
	events, err := eventsOf(r.GetEvents(), len(lines))
	if err != nil {
		return nil, nil, malformed("events", err)
	}
	return r.GetState(), events, nil
}

// Inspect asks for the state of a target.
func (c *Client) Inspect(ctx context.Context, target []byte) (sdk.State, error) {
	r, err := c.action.Inspect(ctx, &pluginv1.InspectRequest{TargetJson: target})
	if err != nil {
		return sdk.State{}, failure(ctx, err)
	}
	state, err := stateOf(r.GetState())
	if err != nil {
		return sdk.State{}, malformed("state of target", err)
	}
	return state, nil
}

// Execute asks for one act.
func (c *Client) Execute(ctx context.Context, target []byte, request sdk.Request) (sdk.Result, error) {
	r, err := c.action.Execute(ctx, &pluginv1.ExecuteRequest{
		TargetJson: target, RequestId: request.ID, Reason: request.Reason, TargetId: request.TargetID,
		RunStartedAt: stamp(request.RunStartedAt), AskedAt: stamp(request.AskedAt), Resume: request.Resume, DryRun: request.DryRun,
		Preflight: request.Preflight, AllowedHazards: request.AllowedHazards,
	})
	if err != nil {
		return sdk.Result{}, failure(ctx, err)
	}
	result, err := resultOf(r)
	if err != nil {
		return sdk.Result{}, malformed("outcome", err)
	}
	return result, nil
}
