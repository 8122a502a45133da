package sdk

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
)

// maxErrorText bounds the text of an error that travels, in bytes: it goes into
// a header, which has a limit of its own.
const maxErrorText = 4 << 10

// serverOptions raise the limit on messages, keep a panic in a handler from
// ending the process, and give errors their status.
func (p *plugin) serverOptions(options []grpc.ServerOption) []grpc.ServerOption {
	unary := func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (response any, err error) {
		defer p.recovered(info.FullMethod, &err)
		response, err = handle(ctx, request)
		return response, statusOf(ctx, err)
	}
	stream := func(server any, s grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
		defer p.recovered(info.FullMethod, &err)
		return statusOf(s.Context(), handle(server, s))
	}
	return append(options, grpc.MaxRecvMsgSize(handshake.MaxMessage), grpc.MaxSendMsgSize(handshake.MaxMessage),
		grpc.ChainUnaryInterceptor(unary), grpc.ChainStreamInterceptor(stream))
}

func (p *plugin) recovered(method string, err *error) {
	if r := recover(); r != nil {
		p.logger.Error("panic in a call", "method", method, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		*err = status.Errorf(codes.Internal, "panic in %s: %s", method, errorText(fmt.Sprint(r)))
	}
}

// statusOf gives an error the status that tells the host what to do.
func statusOf(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	// Only a status that was returned as it is counts: one that is wrapped is
	// what some other server told the plugin.
	if _, ok := err.(interface{ GRPCStatus() *status.Status }); ok {
		return err
	}
	code, e := codes.Unavailable, (*Error)(nil)
	var at *attributeError
	switch {
	case errors.As(err, &e):
		if code = e.code; code == codes.OK {
			// A failure that calls itself fine would vanish.
			code = codes.Unavailable
		}
	case errors.As(err, &at):
		code = codes.InvalidArgument
	case errors.Is(err, context.DeadlineExceeded):
		code = codes.DeadlineExceeded
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		code = codes.Canceled
	}
	s := status.New(code, errorText(err.Error()))
	if e != nil && e.pause > 0 {
		if detailed, detailErr := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(e.pause)}); detailErr == nil {
			s = detailed
		}
	}
	return s.Err()
}

// errorText is a text that fits into a status.
func errorText(s string) string {
	if len(s) > maxErrorText {
		s = s[:maxErrorText] + "…"
	}
	return valid(s)
}
