package conformance

import (
	"context"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk/conformance/subject"
)

// cookieLimit is how long a person who runs a plugin by hand is kept waiting, on
// a machine that is busy.
const cookieLimit = 8 * time.Second

// checkCookie judges a start without the cookie.
func (r *run) checkCookie(ctx context.Context) error {
	select {
	case err := <-r.byHand:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// withoutCookie starts the program as a person would.
func withoutCookie(ctx context.Context, b *subject.Binary) error {
	p, err := b.StartByHand(ctx)
	if err != nil {
		return err
	}
	release := context.AfterFunc(ctx, func() { _ = p.Kill() })
	ended := p.Await(cookieLimit)
	release()
	if err := p.Stop(0); err != nil {
		return err
	}
	hint := "without the cookie HEADWATCH_PLUGIN=headwatch.Plugin.v1 in its environment a plugin says what it is, and ends with a code that is not 0"
	said := strings.TrimSpace(string(p.Output()) + strings.Join(p.Log.Lines(), "\n"))
	switch {
	case !ended:
		return wrong(hint, "without the cookie it still runs after %s", cookieLimit)
	case strings.HasPrefix(said, "1|"):
		return wrong(hint, "without the cookie it shakes hands")
	case said == "":
		return wrong(hint, "without the cookie it ends without a word (%v)", p.Result())
	case p.Result().Error() == "exit status 0":
		return wrong(hint, "without the cookie it ends as if all were well (%v)", p.Result())
	}
	return nil
}

// failedAt is why the first start failed at a step; another error where it
// failed at the other.
func (r *run) failedAt(step subject.Step, another error) error {
	if r.startErr.Step != step {
		return another
	}
	return wrong(r.startErr.Hint, "%s", shortened(r.startErr.Problem))
}

// checkHandshake judges the line that the first process began with.
func (r *run) checkHandshake(ctx context.Context) error {
	if r.startErr != nil {
		return r.failedAt(subject.Handshake, nil)
	}
	instance, err := r.unconfigured(ctx)
	if err != nil {
		return err
	}
	r.note = "protocol " + strings.Split(string(instance.Process.Output()), "|")[1]
	return nil
}

// checkConnect says which connection there is.
func (r *run) checkConnect(ctx context.Context) error {
	if r.startErr != nil {
		return r.failedAt(subject.Connection, skipped("there was no handshake"))
	}
	instance, err := r.unconfigured(ctx)
	if err != nil {
		return err
	}
	if r.note = instance.Process.Connection(); !instance.Process.Encrypted {
		r.note += ": its block needs mtls = false"
	}
	return nil
}
