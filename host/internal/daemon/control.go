package daemon

import "github.com/headwatch/headwatch/host/internal/control"

// openControl opens the socket for people where it is not open yet. That it cannot be
// is said once: the host watches all the same.
func (d *Daemon) openControl() {
	if d.control != nil {
		return
	}
	server, err := control.Serve(d.store.Dir(), d.monitors)
	if err == nil {
		d.control = server
		return
	}
	if d.uncontrolled != err.Error() {
		d.uncontrolled = err.Error()
		d.Logger.Warn("the commands pause, resume and check cannot reach this host, until they can", "error", err)
	}
}

func (d *Daemon) closeControl() {
	if d.control != nil {
		d.control.Close()
	}
}
