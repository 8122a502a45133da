package subject

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// Subject is the plugin under test. [Binary] and [InMemory] make one.
type Subject interface {
	// Start gives a fresh plugin that is not configured yet.
	Start(ctx context.Context) (*Instance, error)
}

// Instance is one plugin that was started.
type Instance struct {
	Conn   grpc.ClientConnInterface
	Plugin pluginv1.PluginClient
	Head   pluginv1.HeadSourceClient
	Log    pluginv1.LogSourceClient
	Parser pluginv1.LogParserClient
	Action pluginv1.ActionClient
	// Stop ends it at once. Its error says that a call which was cancelled goes
	// on all the same, where that can be told.
	Stop func() error
	// Said is what its answers and errors say. Who the plugin is, with its
	// examples, is no news, and a log and its events are not its own words.
	Said *Record
	// Process is nil for a plugin in the same process.
	Process *Process
}

func newInstance(conn grpc.ClientConnInterface, said *Record, stop func() error) *Instance {
	return &Instance{Conn: conn, Said: said, Stop: stop, Plugin: pluginv1.NewPluginClient(conn), Head: pluginv1.NewHeadSourceClient(conn),
		Log: pluginv1.NewLogSourceClient(conn), Parser: pluginv1.NewLogParserClient(conn), Action: pluginv1.NewActionClient(conn)}
}

// noticed is how long after a call that failed the end of the process is waited
// for: the connection breaks a little before.
const noticed = 200 * time.Millisecond

// Ended says how the process ended, where that is why a call failed.
func (i *Instance) Ended(err error) (how string, gone bool) {
	if i.Process == nil {
		return "", false
	}
	if status.Code(err) == codes.Unavailable {
		i.Process.Await(noticed)
	}
	return i.Process.How()
}

// recording has a connection record what the plugin says.
func recording(said *Record) grpc.DialOption {
	return grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, request, response any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		err := invoke(ctx, method, request, response, conn, options...)
		switch response.(type) {
		case *pluginv1.ValidateConfigResponse, *pluginv1.ConfigureResponse, *pluginv1.GetHeadResponse, *pluginv1.InspectResponse, *pluginv1.ExecuteResponse:
			if err == nil {
				fmt.Fprintln(said, prototext.MarshalOptions{}.Format(response.(proto.Message)))
			}
		}
		if err != nil {
			fmt.Fprintln(said, status.Convert(err).Message())
		}
		return err
	})
}
