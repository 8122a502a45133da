package sdk

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
)

// Error is a failure that tells the host what to do about it. Make one with a
// constructor; any other error counts as [Unavailable].
//
//	constructor   gRPC status          what the host does
//	Unavailable   UNAVAILABLE          tries again at the next check
//	(deadline)    DEADLINE_EXCEEDED    the same, and counts the delay
//	RateLimited   RESOURCE_EXHAUSTED   asks again when the pause is over
//	NotFound      NOT_FOUND            waits; a target may come back
//	Denied        PERMISSION_DENIED    goes on without, and says what is not allowed
//	Unsupported   UNIMPLEMENTED        goes on without; tries seldom
//	Invalid       INVALID_ARGUMENT     gives up this call; the operator must mend the file
//	(not ready)   FAILED_PRECONDITION  configures the plugin anew, then tries again
//	(panic)       INTERNAL             counts as Unavailable, shows the stack
//	(other)       UNKNOWN              counts as Unavailable, but the other side was
//	                                   reached: an Inspect that is Unavailable for ten
//	                                   minutes is said at ERROR, and tried again
type Error struct {
	code  codes.Code
	err   error
	pause time.Duration
}

// Error is the text of the error that was wrapped.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the error that was wrapped.
func (e *Error) Unwrap() error { return e.err }

// Code is the gRPC status that travels to the host.
func (e *Error) Code() codes.Code { return e.code }

// Pause is how long the host should wait; zero where the error does not say.
func (e *Error) Pause() time.Duration { return e.pause }

// NewError makes an error of any status; a constructor below is mostly better.
func NewError(code codes.Code, err error, pause time.Duration) *Error {
	return &Error{code: code, err: err, pause: pause}
}

// Unavailable says that it did not work this time.
func Unavailable(err error) error { return &Error{code: codes.Unavailable, err: err} }

// RateLimited says that the other side asked for a pause.
func RateLimited(err error, pause time.Duration) error {
	return &Error{code: codes.ResourceExhausted, err: err, pause: pause}
}

// NotFound says that what was asked for does not exist at present.
func NotFound(err error) error { return &Error{code: codes.NotFound, err: err} }

// Denied says that the plugin is not allowed to do this.
func Denied(err error) error { return &Error{code: codes.PermissionDenied, err: err} }

// Unsupported says that this cannot work here, now or later.
func Unsupported(err error) error { return &Error{code: codes.Unimplemented, err: err} }

// Invalid says that the request or the configuration is wrong.
func Invalid(err error) error { return &Error{code: codes.InvalidArgument, err: err} }

// attributeError is an error at one place of a configuration.
type attributeError struct {
	path []string
	err  error
	hint string
}

// Error names the attribute.
func (e *attributeError) Error() string { return fmt.Sprintf("%s: %v", e.path[len(e.path)-1], e.err) }

// Unwrap returns the error without its place.
func (e *attributeError) Unwrap() error { return e.err }

// AttributeError says that one attribute of a configuration is wrong, such as
// AttributeError(err, "use wss:// or https://", "endpoint", "0", "url"). The
// path leads from the config or target block inwards. The host shows the error
// and the hint (which may be empty) with file and line.
func AttributeError(err error, hint string, path ...string) error {
	if len(path) == 0 {
		return Invalid(err)
	}
	return &attributeError{path: path, err: err, hint: hint}
}

// Diagnostic is something wrong with a configuration, as it travels.
type Diagnostic struct {
	// Summary is what is wrong, Hint how to mend it; the hint may be empty.
	Summary, Hint string
	// Path leads from the block inwards; empty for the block as a whole.
	Path []string
	// InTarget says that the path starts in the target block.
	InTarget bool
	// Warning says that the configuration can be used all the same.
	Warning bool
}

// Diagnostics flattens an error of AttributeError and errors.Join.
func Diagnostics(err error) []Diagnostic {
	if err == nil {
		return nil
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		switch inner := inner.(type) {
		case *attributeError:
			return []Diagnostic{{Summary: inner.err.Error(), Hint: inner.hint, Path: inner.path}}
		case interface{ Unwrap() []error }:
			var all []Diagnostic
			for _, each := range inner.Unwrap() {
				all = append(all, Diagnostics(each)...)
			}
			return all
		}
	}
	return []Diagnostic{{Summary: err.Error()}}
}
