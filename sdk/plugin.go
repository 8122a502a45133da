package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// plugin is what all kinds have in common: it serves the Plugin service.
type plugin struct {
	pluginv1.UnimplementedPluginServer
	info   Info
	value  any
	target any
	logger *slog.Logger
	// ctx is done when the process ends.
	ctx context.Context

	mu         sync.Mutex
	configured bool
	taken      []byte
}

// newPlugin wraps an author's value. target is a pointer to the struct of a
// target, nil for the kinds that have none. It panics where a struct cannot be
// described: an author's mistake, found at the first start.
func newPlugin(info Info, value, target any) *plugin {
	p := &plugin{info: info, value: value, target: target, ctx: context.Background(), logger: slog.Default()}
	p.schema(p.config())
	p.schema(target)
	return p
}

// config is the author's struct, nil where the plugin takes no config.
func (p *plugin) config() any {
	if c, ok := p.value.(Configurable); ok {
		return c.Config()
	}
	return nil
}

func (p *plugin) schema(of any) Schema {
	if of == nil {
		return Schema{}
	}
	schema, err := schemaOf(of)
	if err != nil {
		panic(fmt.Sprintf("sdk: describe %T: %v", of, err))
	}
	return schema
}

// GetInfo says who the plugin is.
func (p *plugin) GetInfo(context.Context, *pluginv1.GetInfoRequest) (*pluginv1.GetInfoResponse, error) {
	return infoTo(p.info), nil
}

// GetSchema publishes what config and target may hold.
func (p *plugin) GetSchema(context.Context, *pluginv1.GetSchemaRequest) (*pluginv1.GetSchemaResponse, error) {
	return &pluginv1.GetSchemaResponse{Config: schemaTo(p.schema(p.config())), Target: schemaTo(p.schema(p.target))}, nil
}

// ValidateConfig judges fresh copies.
func (p *plugin) ValidateConfig(_ context.Context, r *pluginv1.ValidateConfigRequest) (*pluginv1.ValidateConfigResponse, error) {
	var said []Diagnostic
	if len(r.GetConfigJson()) > 0 {
		_, found := decodeNew(p.config(), r.GetConfigJson())
		said = append(said, found...)
	}
	if len(r.GetTargetJson()) > 0 {
		_, found := decodeNew(p.target, r.GetTargetJson())
		for _, d := range found {
			d.InTarget = true
			said = append(said, d)
		}
	}
	return &pluginv1.ValidateConfigResponse{Diagnostics: diagnosticsTo(said)}, nil
}

// Configure fills the author's struct and starts the plugin. A second call with
// the same config does nothing.
func (p *plugin) Configure(_ context.Context, r *pluginv1.ConfigureRequest) (*pluginv1.ConfigureResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.configured {
		if bytes.Equal(p.taken, r.GetConfigJson()) {
			return &pluginv1.ConfigureResponse{}, nil
		}
		return nil, status.Error(codes.FailedPrecondition, "configured already; another config needs another process")
	}
	if config := p.config(); config != nil {
		fresh, found := decodeNew(config, r.GetConfigJson())
		if len(found) > 0 {
			return &pluginv1.ConfigureResponse{Diagnostics: diagnosticsTo(found)}, nil
		}
		assign(config, fresh)
	}
	if starter, ok := p.value.(Starter); ok {
		if err := starter.Start(p.ctx); err != nil {
			return &pluginv1.ConfigureResponse{Diagnostics: diagnosticsTo(Diagnostics(err))}, nil
		}
	}
	p.configured, p.taken = true, bytes.Clone(r.GetConfigJson())
	return &pluginv1.ConfigureResponse{}, nil
}

// ready is an error until the plugin is configured, where it needs to be.
func (p *plugin) ready() error {
	_, starts := p.value.(Starter)
	if p.config() == nil && !starts {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.configured {
		return status.Error(codes.FailedPrecondition, "not configured yet")
	}
	return nil
}

// close gives the author's value the chance to clean up.
func (p *plugin) close() {
	if closer, ok := p.value.(io.Closer); ok {
		if err := closer.Close(); err != nil {
			p.logger.Warn("clean-up failed", "error", err)
		}
	}
}

// serverOptions raise the limit on messages and keep a panic in a handler from
// ending the process.
func (p *plugin) serverOptions(options []grpc.ServerOption) []grpc.ServerOption {
	unary := func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (response any, err error) {
		defer p.recovered(info.FullMethod, &err)
		response, err = handle(ctx, request)
		return response, statusOf(err)
	}
	stream := func(server any, s grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
		defer p.recovered(info.FullMethod, &err)
		return statusOf(handle(server, s))
	}
	return append(options, grpc.MaxRecvMsgSize(handshake.MaxMessage), grpc.MaxSendMsgSize(handshake.MaxMessage),
		grpc.ChainUnaryInterceptor(unary), grpc.ChainStreamInterceptor(stream))
}

func (p *plugin) recovered(method string, err *error) {
	if r := recover(); r != nil {
		p.logger.Error("panic in a call", "method", method, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		*err = status.Errorf(codes.Internal, "panic in %s: %v", method, r)
	}
}

// statusOf gives an error the status that tells the host what to do.
func statusOf(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	code, pause := codes.Unavailable, (*durationpb.Duration)(nil)
	var e *Error
	var at *attributeError
	switch {
	case errors.As(err, &e):
		code = e.code
		if e.pause > 0 {
			pause = durationpb.New(e.pause)
		}
	case errors.As(err, &at):
		code = codes.InvalidArgument
	case errors.Is(err, context.DeadlineExceeded):
		code = codes.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		code = codes.Canceled
	}
	s := status.New(code, err.Error())
	if pause != nil {
		if detailed, detailErr := s.WithDetails(&errdetails.RetryInfo{RetryDelay: pause}); detailErr == nil {
			s = detailed
		}
	}
	return s.Err()
}
