package supervisor

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/headwatch/headwatch/sdk/wire"
)

// firstLine is a process's standard output, of which it keeps the beginning:
// there stands the handshake, and what stands there instead tells what went
// wrong.
type firstLine struct {
	file *os.File

	mu   sync.Mutex
	kept []byte
}

// maxFirstLine is what is kept, in bytes; a handshake holds a certificate.
const maxFirstLine = 4 << 10

// Read reads on.
func (f *firstLine) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = append(f.kept, p[:min(n, maxFirstLine-len(f.kept))]...)
	return n, err
}

// Close ends the reading.
func (f *firstLine) Close() error { return f.file.Close() }

// text is the first line as far as it has come, and whether any of it has.
func (f *firstLine) text() (line string, begun bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	first, _, _ := bytes.Cut(f.kept, []byte("\n"))
	return strings.TrimSpace(string(first)), len(f.kept) > 0
}

// ErrPlain says that a plugin does not encrypt its connection, as most do not
// that are written in another language than Go.
var ErrPlain = errors.New("it does not speak TLS: set mtls = false in its block")

// leastCertificate is the length of a certificate in a handshake at least; what
// is shorter is something else that stands in its place.
const leastCertificate = 51

// judgeHandshake says what is wrong with the line by which a plugin says where
// and how it serves: core version, protocol version, network, address,
// transport, certificate.
func judgeHandshake(line string, mtls bool) error {
	parts := strings.Split(line, "|")
	if len(parts) < 4 || parts[0] != "1" {
		return fmt.Errorf("it wrote %q where a plugin shakes hands: it is no plugin of headwatch", shortened(line))
	}
	if err := judgeProtocol(parts[1]); err != nil {
		return err
	}
	switch {
	case len(parts) < 5 || parts[4] != "grpc":
		return errors.New("it does not speak gRPC")
	case parts[2] != "unix":
		return fmt.Errorf("it serves over %s, not over a unix socket", shortened(parts[2]))
	}
	switch encrypted := len(parts) > 5 && len(parts[5]) >= leastCertificate; {
	case mtls && !encrypted:
		return ErrPlain
	case !mtls && encrypted:
		return errors.New("it speaks TLS alone: set mtls = true in its block")
	}
	return nil
}

// judgeProtocol says what to do about a plugin of another major version than
// the host's.
func judgeProtocol(version string) error {
	ours := int(wire.Handshake().ProtocolVersion)
	theirs, err := strconv.Atoi(version)
	remedy := ""
	switch {
	case err != nil:
		return fmt.Errorf("it speaks version %q of the plugin protocol, which is no number", shortened(version))
	case theirs > ours:
		remedy = "upgrade headwatch, or take an older release of the plugin"
	case theirs < ours:
		remedy = "upgrade the plugin, or take an older release of headwatch"
	default:
		return nil
	}
	return fmt.Errorf("it speaks version %d of the plugin protocol, this host speaks version %d: %s", theirs, ours, remedy)
}

func shortened(s string) string {
	const enough = 200
	if len(s) > enough {
		s = s[:enough] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
