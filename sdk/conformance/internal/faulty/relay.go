package faulty

import (
	"context"
	"errors"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// next passes a request on.
type next func(ctx context.Context, request any) (any, error)

// send passes an item of a log on.
type send func(*pluginv1.ReadResponse) error

// relay serves every kind by asking sound plugins.
type relay struct {
	pluginv1.UnimplementedPluginServer
	pluginv1.UnimplementedHeadSourceServer
	pluginv1.UnimplementedLogSourceServer
	pluginv1.UnimplementedLogParserServer
	pluginv1.UnimplementedActionServer
	pluginv1.UnimplementedTargetSourceServer

	sound []*sdk.InProcess
	// plugins are the sound plugins; the first has the schema.
	plugins []pluginv1.PluginClient
	head    pluginv1.HeadSourceClient
	log     pluginv1.LogSourceClient
	parser  pluginv1.LogParserClient
	action  pluginv1.ActionClient
	targets pluginv1.TargetSourceClient

	// quit is closed at the end, for a fault that blocks.
	quit chan struct{}
	// call, read and watched are what a fault spoils.
	call func(ctx context.Context, request any, pass next) (any, error)
	read func(ctx context.Context, request *pluginv1.ReadRequest, out send, pass func(*pluginv1.ReadRequest, send) error) error
	// watched spoils an item of the list of targets.
	watched func(*pluginv1.WatchResponse)
}

// newRelay is a relay that passes everything on as it is. The plugins log to w.
func newRelay(w io.Writer) (*relay, error) {
	action := sdk.InProcessAction(info(), newNode(), w)
	head := sdk.InProcessHeadSource(info(), &head{}, w)
	parser := sdk.InProcessLogParser(info(), &parser{}, w)
	r := &relay{sound: []*sdk.InProcess{action, head, parser}, quit: make(chan struct{})}
	var conns []*grpc.ClientConn
	for _, plugin := range r.sound {
		conn, err := dial(plugin)
		if err != nil {
			return nil, err
		}
		conns = append(conns, conn)
		r.plugins = append(r.plugins, pluginv1.NewPluginClient(conn))
	}
	r.action, r.log = pluginv1.NewActionClient(conns[0]), pluginv1.NewLogSourceClient(conns[0])
	r.targets = pluginv1.NewTargetSourceClient(conns[0])
	r.head, r.parser = pluginv1.NewHeadSourceClient(conns[1]), pluginv1.NewLogParserClient(conns[2])
	r.watched = func(*pluginv1.WatchResponse) {}
	r.call = func(ctx context.Context, request any, pass next) (any, error) { return pass(ctx, request) }
	r.read = func(_ context.Context, request *pluginv1.ReadRequest, out send, pass func(*pluginv1.ReadRequest, send) error) error {
		return pass(request, out)
	}
	return r, nil
}

// maxMessage is the limit on a message between the relay and a plugin.
const maxMessage = 16 << 20

func dial(plugin *sdk.InProcess) (*grpc.ClientConn, error) {
	listener := bufconn.Listen(1 << 20)
	// It ends with the relay, which does not ask why.
	go func() { _ = plugin.Serve(listener) }()
	return grpc.NewClient("passthrough:///sound", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)))
}

// register adds the services to a server.
func (r *relay) register(s *grpc.Server) {
	pluginv1.RegisterPluginServer(s, r)
	pluginv1.RegisterHeadSourceServer(s, r)
	pluginv1.RegisterLogSourceServer(s, r)
	pluginv1.RegisterLogParserServer(s, r)
	pluginv1.RegisterActionServer(s, r)
	pluginv1.RegisterTargetSourceServer(s, r)
}

// relayed passes a call on.
func relayed[Q, A any](ctx context.Context, r *relay, request Q, to func(context.Context, Q, ...grpc.CallOption) (A, error)) (A, error) {
	answer, err := r.call(ctx, request, func(ctx context.Context, request any) (any, error) { return to(ctx, request.(Q)) })
	if err != nil {
		var none A
		return none, err
	}
	return answer.(A), nil
}

// GetInfo names every kind.
func (r *relay) GetInfo(ctx context.Context, q *pluginv1.GetInfoRequest) (*pluginv1.GetInfoResponse, error) {
	return relayed(ctx, r, q, func(ctx context.Context, q *pluginv1.GetInfoRequest, o ...grpc.CallOption) (*pluginv1.GetInfoResponse, error) {
		answer, err := r.plugins[0].GetInfo(ctx, q, o...)
		if err == nil {
			answer.Kinds = []string{string(sdk.KindAction), string(sdk.KindLogSource), string(sdk.KindLogParser), string(sdk.KindHeadSource)}
		}
		return answer, err
	})
}

// GetSchema passes the schema on.
func (r *relay) GetSchema(ctx context.Context, q *pluginv1.GetSchemaRequest) (*pluginv1.GetSchemaResponse, error) {
	return relayed(ctx, r, q, r.plugins[0].GetSchema)
}

// ValidateConfig has one of the plugins judge.
func (r *relay) ValidateConfig(ctx context.Context, q *pluginv1.ValidateConfigRequest) (*pluginv1.ValidateConfigResponse, error) {
	return relayed(ctx, r, q, r.plugins[0].ValidateConfig)
}

// Configure configures all of the plugins.
func (r *relay) Configure(ctx context.Context, q *pluginv1.ConfigureRequest) (*pluginv1.ConfigureResponse, error) {
	return relayed(ctx, r, q, func(ctx context.Context, q *pluginv1.ConfigureRequest, o ...grpc.CallOption) (*pluginv1.ConfigureResponse, error) {
		var answer *pluginv1.ConfigureResponse
		for _, plugin := range r.plugins {
			var err error
			if answer, err = plugin.Configure(ctx, q, o...); err != nil {
				return nil, err
			}
		}
		return answer, nil
	})
}

// GetHead asks the head source.
func (r *relay) GetHead(ctx context.Context, q *pluginv1.GetHeadRequest) (*pluginv1.GetHeadResponse, error) {
	return relayed(ctx, r, q, r.head.GetHead)
}

// Parse asks the parser.
func (r *relay) Parse(ctx context.Context, q *pluginv1.ParseRequest) (*pluginv1.ParseResponse, error) {
	return relayed(ctx, r, q, r.parser.Parse)
}

// Inspect asks the action.
func (r *relay) Inspect(ctx context.Context, q *pluginv1.InspectRequest) (*pluginv1.InspectResponse, error) {
	return relayed(ctx, r, q, r.action.Inspect)
}

// Execute asks the action.
func (r *relay) Execute(ctx context.Context, q *pluginv1.ExecuteRequest) (*pluginv1.ExecuteResponse, error) {
	return relayed(ctx, r, q, r.action.Execute)
}

// Read asks the log source.
func (r *relay) Read(q *pluginv1.ReadRequest, stream grpc.ServerStreamingServer[pluginv1.ReadResponse]) error {
	return r.read(stream.Context(), q, stream.Send, func(q *pluginv1.ReadRequest, out send) error {
		from, err := r.log.Read(stream.Context(), q)
		if err != nil {
			return err
		}
		return relayItems(from, out)
	})
}

// Watch asks the action which targets there are.
func (r *relay) Watch(q *pluginv1.WatchRequest, stream grpc.ServerStreamingServer[pluginv1.WatchResponse]) error {
	from, err := r.targets.Watch(stream.Context(), q)
	if err != nil {
		return err
	}
	return relayItems(from, func(item *pluginv1.WatchResponse) error {
		r.watched(item)
		return stream.Send(item)
	})
}

// relayItems passes the items of a stream on.
func relayItems[T any](from grpc.ServerStreamingClient[T], out func(*T) error) error {
	for {
		item, err := from.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := out(item); err != nil {
			return err
		}
	}
}

// Server is a plugin with a fault that is served in this process.
type Server struct {
	relay  *relay
	server *grpc.Server
}

// NewServer makes the plugin with the fault of this name; [Sound] has none.
func NewServer(name string) (*Server, error) {
	r, err := newRelay(io.Discard)
	if err != nil {
		return nil, err
	}
	spoil(r, name)
	s := &Server{relay: r, server: grpc.NewServer(grpc.WaitForHandlers(true), grpc.MaxRecvMsgSize(maxMessage))}
	r.register(s.server)
	return s, nil
}

// Serve answers on a listener until Stop.
func (s *Server) Serve(listener net.Listener) error { return s.server.Serve(listener) }

// Stop ends it; a fault that blocks ends no later than ctx.
func (s *Server) Stop(ctx context.Context) error {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.server.Stop()
	}()
	var err error
	select {
	case <-stopped:
	case <-ctx.Done():
		err = ctx.Err()
	}
	close(s.relay.quit)
	<-stopped
	for _, plugin := range s.relay.sound {
		err = errors.Join(err, plugin.Stop(context.Background()))
	}
	return err
}
