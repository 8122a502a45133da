package wire_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
	"github.com/headwatch/headwatch/sdk/wire"
)

// fakeConn answers every call with one message or error, whatever is asked.
type fakeConn struct {
	answer proto.Message
	err    error
	asked  []proto.Message
}

func (f *fakeConn) Invoke(_ context.Context, _ string, request, response any, _ ...grpc.CallOption) error {
	f.asked = append(f.asked, request.(proto.Message))
	if f.err == nil {
		proto.Merge(response.(proto.Message), f.answer)
	}
	return f.err
}

func (f *fakeConn) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return &fakeStream{conn: f}, nil
}

// fakeStream delivers the answer of its connection once.
type fakeStream struct {
	grpc.ClientStream
	conn *fakeConn
	sent bool
}

func (s *fakeStream) SendMsg(any) error { return nil }

func (s *fakeStream) CloseSend() error { return nil }

func (s *fakeStream) RecvMsg(m any) error {
	switch {
	case s.conn.err != nil:
		return s.conn.err
	case s.sent:
		return io.EOF
	}
	s.sent = true
	proto.Merge(m.(proto.Message), s.conn.answer)
	return nil
}

// calls are all that a client can ask.
func calls(ctx context.Context, c *wire.Client) map[string]func() error {
	return map[string]func() error{
		"Info":           func() error { _, err := c.Info(ctx); return err },
		"Schema":         func() error { _, _, err := c.Schema(ctx); return err },
		"ValidateConfig": func() error { _, err := c.ValidateConfig(ctx, nil, nil); return err },
		"Configure":      func() error { _, err := c.Configure(ctx, nil); return err },
		"GetHead":        func() error { _, err := c.GetHead(ctx); return err },
		"Parse":          func() error { _, _, err := c.Parse(ctx, nil, nil); return err },
		"Inspect":        func() error { _, err := c.Inspect(ctx, nil); return err },
		"Execute":        func() error { _, err := c.Execute(ctx, nil, sdk.Request{}); return err },
		"ReadLog": func() error {
			return c.ReadLog(ctx, nil, sdk.ReadFrom{}, func(sdk.LogItem) error { return errors.New("an item came") })
		},
	}
}

func TestEveryFailureIsAnErrorOfTheSDK(t *testing.T) {
	paused, err := status.New(codes.ResourceExhausted, "slow\ndown").WithDetails(&errdetails.ErrorInfo{}, &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	backwards, err := status.New(codes.ResourceExhausted, "no").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(-time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	broken, err := status.New(codes.ResourceExhausted, "no").WithDetails(&errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Nanos: 2e9}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		err   error
		code  codes.Code
		text  string
		pause time.Duration
		is    error
	}{
		{"status", status.Error(codes.NotFound, "gone\n"), codes.NotFound, "gone ", 0, nil},
		{"pause", paused.Err(), codes.ResourceExhausted, "slow down", time.Minute, nil},
		{"pause backwards", backwards.Err(), codes.ResourceExhausted, "no", 0, nil},
		{"pause that is none", broken.Err(), codes.ResourceExhausted, "no", 0, nil},
		{"code of a later gRPC", status.Error(99, "new"), 99, "new", 0, nil},
		{"no status", errors.New("odd"), codes.Unknown, "odd", 0, nil},
		{"deadline", status.Error(codes.DeadlineExceeded, context.DeadlineExceeded.Error()), codes.DeadlineExceeded, "no answer in time: context deadline exceeded", 0, context.DeadlineExceeded},
		{"deadline of the plugin", status.Error(codes.DeadlineExceeded, "the node is slow"), codes.DeadlineExceeded, "the node is slow: context deadline exceeded", 0, context.DeadlineExceeded},
		{"cancelled by the plugin", status.Error(codes.Canceled, "no"), codes.Unavailable, "no", 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, call := range calls(t.Context(), wire.NewClient(&fakeConn{err: test.err})) {
				err := call()
				var got *sdk.Error
				if !errors.As(err, &got) {
					t.Fatalf("%s: got %T %v, want an sdk.Error", name, err, err)
				}
				if got.Code() != test.code || got.Error() != test.text || got.Pause() != test.pause || test.is != nil && !errors.Is(err, test.is) {
					t.Errorf("%s: got %v %q %v, want %v %q %v", name, got.Code(), got.Error(), got.Pause(), test.code, test.text, test.pause)
				}
			}
		})
	}
}

func TestAnEndOfTheHostIsToldFromOneOfThePlugin(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(ctx, wire.NewClient(&fakeConn{err: status.Error(codes.Canceled, "context canceled")})) {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want the end of the context", name, err)
		}
	}
}

func TestAnAnswerThatCannotBeRightIsAnError(t *testing.T) {
	bad := &timestamppb.Timestamp{Nanos: -1}
	schema := &pluginv1.Schema{Attributes: []*pluginv1.Attribute{{}}}
	tests := []struct {
		name, call string
		answer     proto.Message
		want       string
	}{
		{"schema of config", "Schema", &pluginv1.GetSchemaResponse{Config: schema}, "read schema of config: "},
		{"schema of target", "Schema", &pluginv1.GetSchemaResponse{Target: schema}, "read schema of target: "},
		{"time of head", "GetHead", &pluginv1.GetHeadResponse{BlockTime: bad}, "read time of head: "},
		{"event of no line", "Parse", &pluginv1.ParseResponse{Events: []*pluginv1.Event{{}}}, "read events: "},
		{"state of parser", "Parse", &pluginv1.ParseResponse{State: make([]byte, 1<<20+1)}, "read state of parser: 1048577 bytes"},
		{"no state", "Inspect", &pluginv1.InspectResponse{}, "read state of target: the plugin gave no state"},
		{"outcome", "Execute", &pluginv1.ExecuteResponse{StartedAt: bad}, "read outcome: "},
		{"item", "ReadLog", &pluginv1.ReadResponse{Item: &pluginv1.ReadResponse_Gap{Gap: &pluginv1.Gap{After: bad}}}, "read item of log: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := calls(t.Context(), wire.NewClient(&fakeConn{answer: test.answer}))[test.call]()
			var got *sdk.Error
			if !errors.As(err, &got) || got.Code() != codes.Internal || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want INTERNAL %q", err, test.want)
			}
		})
	}
}

func TestItemsOfALaterProtocolAreLeftOut(t *testing.T) {
	err := calls(t.Context(), wire.NewClient(&fakeConn{answer: &pluginv1.ReadResponse{}}))["ReadLog"]()
	if err == nil || err.Error() != "the plugin ended the log" {
		t.Errorf("got %v, want the end of the log", err)
	}
}

func TestDiagnosticsArrive(t *testing.T) {
	answer := &pluginv1.ConfigureResponse{Diagnostics: []*pluginv1.Diagnostic{nil, {Severity: pluginv1.Severity_SEVERITY_WARNING, Summary: "a\nb", Hint: "h", Path: []string{"p\n"}, InTarget: true}, {Severity: 9}}}
	got, err := wire.NewClient(&fakeConn{answer: answer}).Configure(t.Context(), nil)
	if err != nil || len(got) != 3 || got[0].Warning || got[2].Warning {
		t.Fatalf("got %+v, %v; want what is no warning to be an error", got, err)
	}
	if d := got[1]; !d.Warning || !d.InTarget || d.Summary != "a b" || d.Path[0] != "p " {
		t.Errorf("got %+v", d)
	}
}

func TestParseAsksInPieces(t *testing.T) {
	conn := &fakeConn{answer: &pluginv1.ParseResponse{State: []byte("s"), Events: []*pluginv1.Event{{Line: 0, Kind: &pluginv1.Event_SyncState{}}}}}
	state, events, err := wire.NewClient(conn).Parse(t.Context(), []byte("first"), make([]sdk.Line, 2001))
	if err != nil || string(state) != "s" || len(events) != 3 || events[2].Line != 2000 {
		t.Fatalf("got state %q, events %v, %v", state, events, err)
	}
	for i, want := range []string{"first", "s", "s"} {
		if got := string(conn.asked[i].(*pluginv1.ParseRequest).GetState()); got != want {
			t.Errorf("call %d had the state %q, want %q", i, got, want)
		}
	}
}
