package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/containerd/errdefs"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// callError is the failure of one call of the engine's API.
type callError struct {
	endpoint string // as an allow-list names it
	err      error
}

func (e *callError) Error() string { return e.endpoint + ": " + Brief(e.err.Error()) }
func (e *callError) Unwrap() error { return e.err }

// maxErrorText bounds what an engine, or a proxy that answers with a page, can
// put into a log line.
const maxErrorText = 500

// Brief makes one short line of s. What is too long loses its middle: the cause
// of an error stands at its end.
func Brief(s string) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "?")
	if len(s) <= maxErrorText {
		return s
	}
	const half = maxErrorText / 2
	return strings.ToValidUTF8(s[:half], "") + " ... " + strings.ToValidUTF8(s[len(s)-half:], "")
}

// explain puts an error of the engine into the class that tells the host what
// to do, with a hint where one is known.
func (c Connection) explain(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, fs.ErrPermission):
		return sdk.Denied(fmt.Errorf("open the connection to Docker: %s", c.accessHint()))
	case errdefs.IsPermissionDenied(err), errdefs.IsUnauthorized(err):
		return sdk.Denied(fmt.Errorf("%w (the socket proxy before the engine must allow this)", err))
	case errdefs.IsNotImplemented(err):
		return sdk.Unsupported(err)
	case errdefs.IsInvalidArgument(err):
		return sdk.Invalid(err)
	case connectionFailed(err):
		return sdk.Unavailable(c.withAbsence(err))
	}
	// The engine was reached, so the host must not take it for gone.
	return sdk.NewError(codes.Unknown, err, 0)
}

// withAbsence adds to an error what to do where there is no socket at its path.
// In a container somebody has to mount it, for the most part; of a mount without
// a source Docker makes a folder.
func (c Connection) withAbsence(err error) error {
	path := c.socket()
	if path == "" {
		return err
	}
	info, statErr := os.Stat(path)
	switch {
	case errors.Is(statErr, fs.ErrNotExist):
		return fmt.Errorf("%w There is no %s: in a container, mount it (docker run -v %s:%s); docker_host or DOCKER_HOST names another", err, path, path, path)
	case statErr == nil && info.IsDir():
		return fmt.Errorf("%w %s is a folder: the socket that was to be mounted there does not exist on the machine outside", err, path)
	}
	return err
}

// accessHint says why a socket cannot be opened and what to do about it.
func (c Connection) accessHint() string {
	path := c.socket()
	if path == "" {
		return "permission denied at " + c.host
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Sprintf("permission denied, and %s cannot be looked at: %v", path, err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "permission denied at " + path
	}
	return socketHint(path, info.Mode().Perm(), owner.Uid, owner.Gid)
}

// socketHint is the way in to a socket with this mode and these owners.
func socketHint(path string, mode fs.FileMode, uid, gid uint32) string {
	what := fmt.Sprintf("permission denied: %s is %d:%d %#o", path, uid, gid, mode)
	groupMayWrite := mode&0o020 != 0
	switch {
	case groupMayWrite && gid != 0:
		return fmt.Sprintf("%s; add group %d (docker run --group-add %d)", what, gid, gid)
	case uid == 0:
		return what + "; only user 0 can open it: set MONITOR_UID=0"
	}
	return fmt.Sprintf("%s; run as user %d", what, uid)
}
