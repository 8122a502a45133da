package daemon

import (
	"context"
	"net"
	"sync"
)

// serveHTTP starts the HTTP endpoint; where it cannot listen the host goes on
// without. It serves until the returned function ends it, also after ctx is done:
// an act may still be under way.
func (d *Daemon) serveHTTP(ctx context.Context, address string) (stop func()) {
	// One that another host left names an endpoint that is gone.
	d.noteAddress("")
	if address == "" {
		return func() {}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		d.Logger.Warn("the HTTP endpoint is off", "error", err)
		return func() {}
	}
	d.Logger.Info("the HTTP endpoint listens", "address", listener.Addr().String())
	d.noteAddress(listener.Addr().String())
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := d.server.Serve(ctx, listener); err != nil {
			d.Logger.Error("the HTTP endpoint ended", "error", err)
		}
	})
	return func() {
		cancel()
		serving.Wait()
		d.noteAddress("")
	}
}

// noteAddress notes where the endpoint listens, for commands that ask it. None
// hangs on it: what is wrong with the state folder was said.
func (d *Daemon) noteAddress(address string) {
	if err := d.store.SaveAddress(address); err != nil {
		d.Logger.Warn("commands may not find the HTTP endpoint of this host", "error", err)
	}
}
