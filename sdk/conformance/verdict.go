package conformance

import (
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk/conformance/subject"
)

// problem is what a plugin does wrong, and how to mend it.
type problem struct{ text, hint string }

func (p *problem) Error() string { return p.text }

func wrong(hint, format string, args ...any) error {
	return &problem{text: fmt.Sprintf(format, args...), hint: hint}
}

// skip is why a check could not be made.
type skip struct{ reason string }

func (s *skip) Error() string { return s.reason }

func skipped(format string, args ...any) error { return &skip{fmt.Sprintf(format, args...)} }

// absence is a skip because a back-end is not there.
type absence struct{ *skip }

func (a *absence) Unwrap() error { return a.skip }

func absent(format string, args ...any) error {
	return &absence{&skip{"the back-end is not there: " + fmt.Sprintf(format, args...)}}
}

func isSkip(err error) bool {
	var s *skip
	return errors.As(err, &s)
}

// failed is a call that should have been answered.
func failed(i *subject.Instance, method string, err error) error {
	if how, gone := i.Ended(err); gone {
		return wrong("a plugin answers whatever it is sent; only the host ends it", "the process ended during %s: %s", method, shortened(how))
	}
	s := status.Convert(err)
	return wrong(hintFor(s.Code()), "%s answered %s: %s", method, codeName(s.Code()), shortened(s.Message()))
}

// instead is a failed call whose hint is another than that of its status.
func instead(hint string, err error) error {
	if p, ok := err.(*problem); ok {
		return &problem{text: p.text, hint: hint}
	}
	return err
}

// failedOrAbsent is a call to a back-end that was not answered with a value: a back-end
// that is not there is nobody's fault.
func failedOrAbsent(i *subject.Instance, method string, err error) error {
	if _, gone := i.Ended(err); gone {
		return failed(i, method, err)
	}
	switch s := status.Convert(err); s.Code() {
	case codes.Unavailable, codes.DeadlineExceeded, codes.PermissionDenied, codes.ResourceExhausted, codes.Unimplemented:
		return absent("%s answered %s: %s", method, codeName(s.Code()), shortened(s.Message()))
	}
	return failed(i, method, err)
}

func hintFor(status codes.Code) string {
	switch status {
	case codes.Internal:
		return "INTERNAL is a panic or an exception that nobody caught: look at its stack in the plugin's log"
	case codes.Unknown:
		return "UNKNOWN is an exception that nobody caught, or an error without a status: answer with one that package sdk lists"
	case codes.DeadlineExceeded:
		return "answer before the deadline of the call, or with an error by then"
	case codes.Unimplemented:
		return "serve every call of the kinds that GetInfo names"
	}
	return ""
}

// codeName is a status as the protocol calls it.
func codeName(c codes.Code) string { return code.Code(c).String() }
