package launch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/sdk/wire"
)

// HandshakeError says what is wrong with the line by which a plugin says where
// and how it serves.
type HandshakeError struct {
	// Line is that line as it came; empty where none did.
	Line string
	// Problem is what is wrong, Remedy what to do about it; the remedy may be
	// empty.
	Problem, Remedy string
}

// Error is the problem, with the remedy.
func (e *HandshakeError) Error() string {
	if e.Remedy == "" {
		return e.Problem
	}
	return e.Problem + ": " + e.Remedy
}

// ErrPlain says that a plugin does not encrypt its connection, as most do not
// that are written in another language than Go.
var ErrPlain = errors.New("it does not speak TLS: set mtls = false in its block")

// leastCertificate is the length of a certificate in a handshake at least; what
// is shorter is something else that stands in its place.
const leastCertificate = 51

// judgeHandshake judges the line by which a plugin shakes hands: core version,
// protocol version, network, address, transport, certificate.
func judgeHandshake(line string, mtls bool) error {
	refuse := func(remedy, format string, args ...any) error {
		return &HandshakeError{Line: line, Problem: fmt.Sprintf(format, args...), Remedy: remedy}
	}
	parts := strings.Split(line, "|")
	if len(parts) < 4 || parts[0] != "1" {
		return refuse("", "it wrote %q where a plugin shakes hands: it is no plugin of headwatch", shortened(line))
	}
	if err := judgeProtocol(line, parts[1]); err != nil {
		return err
	}
	switch {
	case len(parts) < 5 || parts[4] != "grpc":
		return refuse("", "it does not speak gRPC")
	case parts[2] != "unix":
		return refuse("", "it serves over %s, not over a unix socket", shortened(parts[2]))
	}
	switch encrypted := len(parts) > 5 && len(parts[5]) >= leastCertificate; {
	case mtls && !encrypted:
		return ErrPlain
	case !mtls && encrypted:
		return refuse("set mtls = true in its block", "it speaks TLS alone")
	}
	return nil
}

// judgeProtocol says what to do about a plugin of another major version than
// the host's.
func judgeProtocol(line, version string) error {
	ours := int(wire.Handshake().ProtocolVersion)
	theirs, err := strconv.Atoi(version)
	remedy := ""
	switch {
	case err != nil:
		return &HandshakeError{Line: line, Problem: fmt.Sprintf("it speaks version %q of the plugin protocol, which is no number", shortened(version))}
	case theirs > ours:
		remedy = "upgrade headwatch, or take an older release of the plugin"
	case theirs < ours:
		remedy = "upgrade the plugin, or take an older release of headwatch"
	default:
		return nil
	}
	return &HandshakeError{Line: line, Remedy: remedy,
		Problem: fmt.Sprintf("it speaks version %d of the plugin protocol, this host speaks version %d", theirs, ours)}
}

func shortened(s string) string {
	const enough = 200
	if len(s) > enough {
		s = s[:enough] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
