package conformance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// Subject is the plugin under test. [Binary] and [InMemory] make one.
type Subject interface {
	// Start gives a fresh plugin that is not configured yet.
	Start(ctx context.Context) (*Instance, error)
}

// Instance is one plugin that was started.
type Instance struct {
	conn   grpc.ClientConnInterface
	plugin pluginv1.PluginClient
	head   pluginv1.HeadSourceClient
	log    pluginv1.LogSourceClient
	parser pluginv1.LogParserClient
	action pluginv1.ActionClient
	// stop ends it at once. Its error says that a call which was cancelled goes
	// on all the same, where that can be told.
	stop func() error
	// said is what its answers say.
	said *sayings
	// process is nil for a plugin in the same process.
	process *process
}

func newInstance(conn grpc.ClientConnInterface, said *sayings, stop func() error) *Instance {
	return &Instance{conn: conn, said: said, stop: stop, plugin: pluginv1.NewPluginClient(conn), head: pluginv1.NewHeadSourceClient(conn),
		log: pluginv1.NewLogSourceClient(conn), parser: pluginv1.NewLogParserClient(conn), action: pluginv1.NewActionClient(conn)}
}

// noticed is how long after a call that failed the end of the process is waited
// for: the connection breaks a little before.
const noticed = 200 * time.Millisecond

// ended says how the process ended, where that is why a call failed.
func (i *Instance) ended(err error) (how string, gone bool) {
	if i.process == nil {
		return "", false
	}
	if status.Code(err) == codes.Unavailable {
		i.process.await(noticed)
	}
	return i.process.how()
}

// ask makes a call with a deadline.
func ask[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return call(ctx)
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
