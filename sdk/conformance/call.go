package conformance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headwatch/headwatch/sdk/conformance/subject"
)

// The deadlines of calls.
const (
	// callLimit is for calls that no back-end has a part in.
	callLimit = 5 * time.Second
	// backLimit is for those that ask an endpoint or an engine.
	backLimit = 2 * time.Second
	// actLimit is for an act, in which a target stops and starts.
	actLimit = time.Minute
)

// method is a call of the protocol.
type method[Q, A any] func(context.Context, Q, ...grpc.CallOption) (A, error)

// ask makes a call with a deadline.
func ask[Q, A any](ctx context.Context, limit time.Duration, call method[Q, A], request Q) (A, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return call(ctx, request)
}

// with is a call with its request.
func with[Q, A any](call method[Q, A], request Q) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := call(ctx, request)
		return err
	}
}

// called makes a call that no back-end has a part in, and that must be answered.
func called[Q proto.Message, A any](ctx context.Context, i *subject.Instance, call method[Q, A], request Q) (A, error) {
	answer, err := ask(ctx, callLimit, call, request)
	if err != nil {
		return answer, failed(i, strings.TrimSuffix(string(request.ProtoReflect().Descriptor().Name()), "Request"), err)
	}
	return answer, nil
}

// shortened is a text as it may stand in a report: on one line, and not long.
func shortened(s string) string {
	const enough = 300
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
	if len(s) > enough {
		s = strings.ToValidUTF8(s[:enough], "") + "…"
	}
	return s
}

// excerpt is a text as it may stand in a report, with quotes.
func excerpt(b []byte) string {
	const enough = 100
	if len(b) > enough {
		return fmt.Sprintf("%q…", b[:enough])
	}
	return fmt.Sprintf("%q", b)
}

// plural counts in words.
func plural(count int, what string) string {
	if count == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", count, what)
}
