package conformance

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// sayings are what a plugin said in its answers and errors.
type sayings struct{ kept }

// add notes a text.
func (s *sayings) add(text string) { fmt.Fprintln(s, text) }

// hear notes an answer. Who the plugin is, with its examples, is no news, and a
// log and its events are not the plugin's own words.
func (s *sayings) hear(answer any, err error) {
	if err != nil {
		s.add(status.Convert(err).Message())
		return
	}
	switch answer.(type) {
	case *pluginv1.ValidateConfigResponse, *pluginv1.ConfigureResponse, *pluginv1.GetHeadResponse, *pluginv1.InspectResponse, *pluginv1.ExecuteResponse:
		s.add(prototext.MarshalOptions{}.Format(answer.(proto.Message)))
	}
}

// dialOptions are those of a connection to a plugin, which notes what it says.
func (s *sayings) dialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, request, response any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
			err := invoke(ctx, method, request, response, conn, options...)
			s.hear(response, err)
			return err
		}),
	}
}
