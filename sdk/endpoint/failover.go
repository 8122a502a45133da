package endpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// returnAfter is how long another endpoint than the first is kept to.
const returnAfter = 5 * time.Minute

// Source is one endpoint that a [Failover] asks for the head, and closes at the
// end where it is an [io.Closer].
type Source interface {
	// Head is the newest block as this endpoint knows it.
	Head(ctx context.Context) (sdk.Head, error)
	// String is what the endpoint is called in logs: scheme and host.
	String() string
}

// NodeSource is an optional interface of a [Source] that tells what the node at the
// endpoint knows of itself, as [sdk.NodeSource] wants it.
type NodeSource interface {
	// Node is the newest block that the node has, also while it syncs.
	Node(ctx context.Context) (sdk.Head, error)
}

// Rester is an optional interface of a [Source] that does something while it is
// in use.
type Rester interface {
	// Rest is called when another source is in use, and at the end. A later
	// Head puts it to use again.
	Rest()
}

// FailoverOptions are the settings of a [Failover].
type FailoverOptions struct {
	// OldAfter is the age of a head's own time at which another endpoint is
	// asked; zero for never.
	OldAfter time.Duration
	// Log takes what an operator should know.
	Log *slog.Logger
}

// Failover is a head source of several endpoints, in the order of preference:
// it asks the one that answered last, then the others, and tries the first
// again after five minutes. One GetHead runs at a time.
type Failover struct {
	sources  []Source
	oldAfter time.Duration
	log      *slog.Logger
	running  context.Context
	stop     context.CancelFunc

	turn     chan struct{} // held by the GetHead that is under way
	current  int
	returnAt time.Time
}

var (
	_ sdk.HeadSource = (*Failover)(nil)
	_ sdk.NodeSource = (*Failover)(nil)
)

// NewFailover is a head source until ctx is done or Close is called.
func NewFailover(ctx context.Context, sources []Source, o FailoverOptions) *Failover {
	f := &Failover{sources: sources, oldAfter: o.OldAfter, log: o.Log, turn: make(chan struct{}, 1)}
	f.running, f.stop = context.WithCancel(ctx)
	return f
}

// Close ends the GetHead that is under way, waits for it, and closes the
// sources.
func (f *Failover) Close() error {
	f.stop()
	f.turn <- struct{}{}
	defer func() { <-f.turn }()
	f.rest(-1)
	var err error
	for _, s := range f.sources {
		if c, ok := s.(io.Closer); ok {
			err = errors.Join(err, c.Close())
		}
	}
	return err
}

// rest lets all sources rest but one.
func (f *Failover) rest(but int) {
	for i, s := range f.sources {
		if r, ok := s.(Rester); ok && i != but {
			r.Rest()
		}
	}
}

// GetHead is the newest block that an endpoint answers. An endpoint whose head
// is old is passed over where another has a younger one; where none has, the
// highest of the old heads is the answer, and its time tells.
func (f *Failover) GetHead(ctx context.Context) (sdk.Head, error) {
	return f.get(ctx, Source.Head, f.oldAfter)
}

// GetNode is what the node says of itself at the first endpoint that answers, however
// old its blocks are.
func (f *Failover) GetNode(ctx context.Context) (sdk.Head, error) {
	return f.get(ctx, func(s Source, ctx context.Context) (sdk.Head, error) {
		if node, ok := s.(NodeSource); ok {
			return node.Node(ctx)
		}
		return s.Head(ctx)
	}, 0)
}

// get asks the endpoints in turn.
func (f *Failover) get(ctx context.Context, question func(Source, context.Context) (sdk.Head, error), oldAfter time.Duration) (sdk.Head, error) {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return sdk.Head{}, fmt.Errorf("wait for the read before: %w", ctx.Err())
	}
	ctx, cancel := f.withReserve(ctx)
	defer cancel()
	var failures []error
	var old *sdk.Head
	order := f.askingOrder(time.Now())
	for i, index := range order {
		head, err := f.ask(ctx, f.sources[index], question, len(order)-i)
		switch {
		case err != nil:
			failures = append(failures, err)
		case isOld(head, oldAfter, time.Now()):
			if old == nil || head.Best > old.Best {
				old = &head
			}
		default:
			f.use(index, failures)
			return head, nil
		}
	}
	if old != nil {
		return *old, nil
	}
	return sdk.Head{}, Summarize(failures)
}

// withReserve keeps a tenth of the time, so that an error that says what happened
// reaches the host before its own deadline does. It also ends with the source.
func (f *Failover) withReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(f.running, cancel)
	stop := cancel
	if deadline, ok := ctx.Deadline(); ok {
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)*9/10)
	}
	return ctx, func() { unlink(); cancel(); stop() }
}

// ask asks one endpoint, which may take its share of the time that is left.
func (f *Failover) ask(ctx context.Context, s Source, question func(Source, context.Context) (sdk.Head, error), parts int) (sdk.Head, error) {
	ctx, cancel := Share(ctx, parts)
	defer cancel()
	head, err := question(s, ctx)
	if err != nil {
		return sdk.Head{}, fmt.Errorf("%s: %w", s, err)
	}
	return head, nil
}

// askingOrder is the order of asking: the endpoint in use, then the others. When
// it is time to return to the first endpoint, it begins with that.
func (f *Failover) askingOrder(now time.Time) []int {
	first := f.current
	if now.After(f.returnAt) {
		first = 0
	}
	order := []int{first}
	for i := range f.sources {
		if i != first {
			order = append(order, i)
		}
	}
	return order
}

// use makes an endpoint the one in use.
func (f *Failover) use(index int, failures []error) {
	if index != f.current {
		f.log.Warn("another endpoint is used", "endpoint", f.sources[index].String(), "before", f.sources[f.current].String(), "error", inOneLine(failures))
	}
	if index != 0 && (index != f.current || time.Now().After(f.returnAt)) {
		f.returnAt = time.Now().Add(returnAfter)
	}
	f.current = index
	f.rest(index)
}

// isOld tells whether a head's own time is well past. A time that the host
// would take for none is none here too.
func isOld(head sdk.Head, oldAfter time.Duration, now time.Time) bool {
	return oldAfter > 0 && IsBlockTime(head.Time, now) && now.Sub(head.Time) > oldAfter
}

// FirstBlockTime is the first time at which the host believes that a head was
// made.
func FirstBlockTime() time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }

// IsBlockTime tells whether the host believes that a head was made at a time. A
// time before 2020 or more than a minute ahead counts as none.
func IsBlockTime(made, now time.Time) bool {
	return !made.Before(FirstBlockTime()) && !made.After(now.Add(time.Minute))
}

// Share is a context whose deadline leaves it one of so many equal parts of the
// time left.
func Share(ctx context.Context, parts int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(parts))
}

// Summarize makes one error of those of all endpoints, with what they have in
// common for the host: a pause, a refusal, or a mistake of the configuration.
func Summarize(failures []error) error {
	err := inOneLine(failures)
	var pauses, denials, mistakes int
	var shortest time.Duration
	for _, failure := range failures {
		var pause *PauseError
		var status *StatusError
		switch {
		case errors.As(failure, &pause):
			if pauses == 0 || pause.Pause < shortest {
				shortest = pause.Pause
			}
			pauses++
		case errors.As(failure, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden):
			denials++
		case isInvalid(failure):
			mistakes++
		}
	}
	switch {
	case err == nil:
		return errors.New("no endpoint was asked")
	case mistakes == len(failures):
		return sdk.Invalid(err)
	case denials == len(failures):
		return sdk.Denied(err)
	case pauses > 0 && pauses+denials+mistakes == len(failures):
		return sdk.RateLimited(err, shortest)
	case mistakes > 0:
		// The mistake of one endpoint must not count as that of all.
		return sdk.Unavailable(err)
	}
	return err
}

// isInvalid tells whether an error was made with [sdk.Invalid].
func isInvalid(err error) bool {
	var e *sdk.Error
	return errors.As(err, &e) && e.Code() == codes.InvalidArgument
}

// inOneLine joins errors for a log of one line each; nil where there is none.
func inOneLine(failures []error) error {
	var err error
	for _, failure := range failures {
		if err == nil {
			err = failure
		} else {
			err = fmt.Errorf("%w; %w", err, failure)
		}
	}
	return err
}
