package conformance

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk/launch"
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
func withoutCookie(ctx context.Context, b *Binary) error {
	p := &process{log: &kept{}}
	var err error
	if p.Process, err = launch.Run(ctx, launch.Options{Path: b.Path, Env: b.Env, Log: p.log, SpareGroup: true}); err != nil {
		return err
	}
	release := context.AfterFunc(ctx, func() { _ = p.Kill() })
	ended := p.await(cookieLimit)
	release()
	if err := p.Stop(0); err != nil {
		return err
	}
	hint := "without the cookie HEADWATCH_PLUGIN=headwatch.plugin.v1 in its environment a plugin says what it is, and ends with a code that is not 0"
	said := strings.TrimSpace(string(p.Output()) + strings.Join(p.log.lines(), "\n"))
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

// first is the outcome of the first start.
func (r *run) first(ctx context.Context) (*Instance, error) {
	if r.startErr != nil {
		return nil, r.startErr
	}
	return r.unconfigured(ctx)
}

// checkHandshake judges the line that the first process began with.
func (r *run) checkHandshake(ctx context.Context) error {
	instance, err := r.first(ctx)
	var failed *startError
	switch {
	case errors.As(err, &failed) && failed.check != checkHandshake:
		return nil
	case err != nil:
		return err
	}
	r.note = "protocol " + strings.Split(string(instance.process.Output()), "|")[1]
	return nil
}

// checkConnect says which connection there is.
func (r *run) checkConnect(ctx context.Context) error {
	instance, err := r.first(ctx)
	var failed *startError
	switch {
	case errors.As(err, &failed) && failed.check != checkConnect:
		return skipped("there was no handshake")
	case err != nil:
		return err
	}
	r.note = "mtls"
	if !instance.process.encrypted {
		r.note = "plain: its block needs mtls = false"
	}
	return nil
}
