package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// fakeHead answers with what it is given; a panic where panics is set.
type fakeHead struct {
	head   sdk.Head
	err    error
	panics any
}

var _ sdk.HeadSource = (*fakeHead)(nil)

func (f *fakeHead) GetHead(ctx context.Context) (sdk.Head, error) {
	if f.panics != nil {
		panic(f.panics)
	}
	if f.err == nil && f.head.Best == 0 {
		<-ctx.Done()
		return f.head, ctx.Err()
	}
	return f.head, f.err
}

func TestHeadArrivesAsItWasGiven(t *testing.T) {
	finalized := uint64(98)
	made := time.Date(2025, 3, 1, 12, 0, 0, 250e6, time.UTC)
	tests := []struct {
		name      string
		head, got sdk.Head
	}{
		{"everything", sdk.Head{Best: 100, Finalized: &finalized, Hash: "0xab", Time: made, Endpoint: "wss://node.example:9944", Syncing: new(true), Peers: new(uint64(7)), Chain: "0x70", Progress: new(uint64(3))},
			sdk.Head{Best: 100, Finalized: &finalized, Hash: "0xab", Time: made, Endpoint: "wss://node.example:9944", Syncing: new(true), Peers: new(uint64(7)), Chain: "0x70", Progress: new(uint64(3))}},
		{"a no and none", sdk.Head{Best: 1, Syncing: new(false), Peers: new(uint64)}, sdk.Head{Best: 1, Syncing: new(false), Peers: new(uint64)}},
		{"the least", sdk.Head{Best: 1}, sdk.Head{Best: 1}},
		{"finalized at the start", sdk.Head{Best: 1, Finalized: new(uint64)}, sdk.Head{Best: 1, Finalized: new(uint64)}},
		{"a key in the endpoint", sdk.Head{Best: 1, Endpoint: "https://user:key@node.example/v1/key?key=key#key"}, sdk.Head{Best: 1, Endpoint: "https://node.example"}},
		{"not UTF-8", sdk.Head{Best: 1, Hash: "0x\xff", Endpoint: "\xff"}, sdk.Head{Best: 1, Hash: "0x�"}},
		{"a time that no message carries", sdk.Head{Best: 1, Time: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}, sdk.Head{Best: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, _ := headClient(t, &fakeHead{head: test.head})
			got, err := client.GetHead(t.Context())
			if diff := cmp.Diff(test.got, got); diff != "" || err != nil {
				t.Errorf("err %v, head (-want +got):\n%s", err, diff)
			}
		})
	}
}

// ownNode is a head source that can be asked about the node itself.
type ownNode struct {
	fakeHead
	node sdk.Head
}

func (o *ownNode) GetNode(context.Context) (sdk.Head, error) { return o.node, nil }

func TestNodeIsAskedAboutItself(t *testing.T) {
	client, _ := headClient(t, &ownNode{fakeHead{head: sdk.Head{Best: 9}}, sdk.Head{Syncing: new(true)}})
	if head, err := client.GetHead(t.Context()); err != nil || head.Best != 9 {
		t.Errorf("the network: %v, %v", head, err)
	}
	if node, err := client.GetNode(t.Context()); err != nil || node.Best != 0 || node.Syncing == nil || !*node.Syncing {
		t.Errorf("the node: %v, %v", node, err)
	}
	client, _ = headClient(t, &fakeHead{head: sdk.Head{Best: 9}})
	if node, err := client.GetNode(t.Context()); err != nil || node.Best != 9 {
		t.Errorf("a source that knows only heads: %v, %v", node, err)
	}
}

func TestErrorsArriveWithWhatToDo(t *testing.T) {
	no := errors.New("no\xff\nway")
	tests := []struct {
		name  string
		err   error
		code  codes.Code
		text  string
		pause time.Duration
	}{
		{"plain", no, codes.Unavailable, "no� way", 0},
		{"unavailable", sdk.Unavailable(no), codes.Unavailable, "no� way", 0},
		{"rate limited", sdk.RateLimited(no, 90*time.Second), codes.ResourceExhausted, "no� way", 90 * time.Second},
		{"rate limited without an end", sdk.RateLimited(no, 1000*time.Hour), codes.ResourceExhausted, "no� way", 24 * time.Hour},
		{"not found", sdk.NotFound(no), codes.NotFound, "no� way", 0},
		{"denied", fmt.Errorf("ask: %w", sdk.Denied(no)), codes.PermissionDenied, "ask: no� way", 0},
		{"unsupported", sdk.Unsupported(no), codes.Unimplemented, "no� way", 0},
		{"invalid", sdk.Invalid(no), codes.InvalidArgument, "no� way", 0},
		{"its own deadline", fmt.Errorf("dial: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "dial: context deadline exceeded", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, _ := headClient(t, &fakeHead{err: test.err})
			_, err := client.GetHead(t.Context())
			var got *sdk.Error
			if !errors.As(err, &got) {
				t.Fatalf("got %T %v, want an sdk.Error", err, err)
			}
			if got.Code() != test.code || got.Error() != test.text || got.Pause() != test.pause {
				t.Errorf("got %v %q %v, want %v %q %v", got.Code(), got.Error(), got.Pause(), test.code, test.text, test.pause)
			}
		})
	}
}

func TestTheHostsOwnDeadlineCanBeTold(t *testing.T) {
	client, _ := headClient(t, &fakeHead{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.GetHead(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if _, err := client.GetHead(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestAPanicIsAnErrorWithItsStackInTheLog(t *testing.T) {
	source := &fakeHead{panics: "oh\xff no"}
	client, log := headClient(t, source)
	_, err := client.GetHead(t.Context())
	var got *sdk.Error
	if !errors.As(err, &got) || got.Code() != codes.Internal || !strings.Contains(err.Error(), "oh� no") {
		t.Errorf("got %v, want INTERNAL with the panic", err)
	}
	if !strings.Contains(log.String(), "head_test.go") || !strings.Contains(log.String(), `"@level":"error"`) {
		t.Errorf("the log shows no stack: %s", log.String())
	}
	source.panics, source.head = nil, sdk.Head{Best: 7}
	if head, err := client.GetHead(t.Context()); err != nil || head.Best != 7 {
		t.Errorf("after it: %v, %v", head, err)
	}
}

func TestTheExampleOfAHeadSource(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"height":123}`) }))
	defer server.Close()
	client, _ := headClient(t, &explorer{})
	if found, err := client.Configure(t.Context(), fmt.Appendf(nil, `{"url":%q}`, server.URL)); err != nil || found != nil {
		t.Fatal(found, err)
	}
	if head, err := client.GetHead(t.Context()); err != nil || head.Best != 123 {
		t.Errorf("got %v, %v", head, err)
	}
}

// hanging is a head source that goes on after its caller gave up.
type hanging struct {
	begun, release chan struct{}
}

func (h *hanging) GetHead(context.Context) (sdk.Head, error) {
	h.begun <- struct{}{}
	<-h.release
	return sdk.Head{Best: 1}, nil
}

func TestGetHeadIsAskedOnceAtATime(t *testing.T) {
	source := &hanging{begun: make(chan struct{}, 3), release: make(chan struct{})}
	client, _ := headClient(t, source)
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error, 1)
	go func() {
		_, err := client.GetHead(ctx)
		gaveUp <- err
	}()
	<-source.begun
	cancel()
	<-gaveUp
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.GetHead(short); err == nil {
		t.Error("it was asked while the call before was under way")
	}
	close(source.release)
	if head, err := client.GetHead(t.Context()); err != nil || head.Best != 1 {
		t.Errorf("got %v, %v", head, err)
	}
}
