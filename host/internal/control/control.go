// Package control is how a person speaks to a running host: over a unix socket in
// the state folder, for the same user and root only, with JSON over HTTP.
package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sys/unix"
)

// socketName is the socket's name in the state folder.
const socketName = "control.sock"

// Request asks for one thing for one monitor, or for all.
type Request struct {
	Monitor string `json:"monitor,omitempty"`
	All     bool   `json:"all,omitempty"`
	// For is how long a pause lasts, and Reason why; both must be given for one.
	For    time.Duration `json:"for,omitempty"`
	Reason string        `json:"reason,omitempty"`
	// By is who asks, as the command knows it.
	By string `json:"by,omitempty"`
}

// Reply says what came of it, monitor by monitor.
type Reply struct {
	Monitors []Told `json:"monitors,omitempty"`
	// Error says why nothing was done at all.
	Error string `json:"error,omitempty"`
}

// Told is what one monitor said. Error is set where it did not do what was asked.
type Told struct {
	Monitor string `json:"monitor"`
	Text    string `json:"text,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Write writes what each monitor said, in a line. Its error says that not every one
// did what was asked.
func (r Reply) Write(w io.Writer) error {
	failed := false
	for _, m := range r.Monitors {
		failed = failed || m.Error != ""
		if _, err := fmt.Fprintf(w, "%s: %s\n", m.Monitor, cmp.Or(m.Error, m.Text)); err != nil {
			return err
		}
	}
	if failed {
		return errors.New("not every monitor did what was asked")
	}
	return nil
}

// The things that can be asked for: the last parts of their paths.
const (
	Pause  = "pause"
	Resume = "resume"
	Check  = "check"
)

// mostReason bounds what is kept of a reason, in bytes.
const mostReason = 300

// clean is a text of one line without control characters.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > mostReason {
		text = strings.ToValidUTF8(text[:mostReason], "") + "..."
	}
	return text
}

// within calls f with a short path of the folder: that of a socket ends after 107
// bytes, and a folder may be anywhere.
func within(dir string, f func(path string) error) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return f(filepath.Join("/proc/self/fd", fmt.Sprint(folder.Fd()), socketName))
}

// listen binds the socket of a state folder, in place of one of a host that died.
func listen(dir string) (net.Listener, error) {
	var l net.Listener
	err := within(dir, func(path string) error {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		var err error
		if l, err = net.Listen("unix", path); err != nil {
			return err
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false) // the short path is gone by then
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		return nil, fmt.Errorf("listen on the control socket: %w", err)
	}
	return ownersOnly{l}, nil
}

// dial connects to the socket of a state folder.
func dial(ctx context.Context, dir string) (net.Conn, error) {
	var c net.Conn
	err := within(dir, func(path string) error {
		var err error
		c, err = (&net.Dialer{}).DialContext(ctx, "unix", path)
		return err
	})
	return c, err
}

// ownersOnly accepts the connections of the host's own user and of root.
type ownersOnly struct{ net.Listener }

func (l ownersOnly) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if uid, err := peer(c); err == nil && (uid == 0 || uid == os.Geteuid()) {
			return c, nil
		}
		c.Close()
	}
}

// peer is the user at the other end of a connection.
func peer(c net.Conn) (uid int, err error) {
	raw, err := c.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var who *unix.Ucred
	if err2 := raw.Control(func(fd uintptr) { who, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err2 != nil {
		return 0, err2
	}
	if err != nil {
		return 0, err
	}
	return int(who.Uid), nil
}
