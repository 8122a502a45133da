package docker

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/client"
)

// Connection says how to reach an engine. It is comparable, so that two equal
// ones can share a client.
type Connection struct {
	host    string // unix:///..., tcp://...
	certDir string // folder of ca.pem, cert.pem and key.pem; empty for none
}

// environment looks a variable up; os.Getenv outside of tests.
type environment func(name string) string

// ErrPlainTLS says that certificates are given but would not be checked.
var ErrPlainTLS = errors.New("DOCKER_CERT_PATH is set without DOCKER_TLS_VERIFY, so the engine's certificate would not be checked")

// NewConnection makes a connection from what the operator wrote and the
// environment. An empty host stands for DOCKER_HOST, and that for the usual
// socket.
func NewConnection(host string, env environment) (Connection, error) {
	if host == "" {
		host = env("DOCKER_HOST")
	}
	if host == "" {
		host = client.DefaultDockerHost
	}
	if err := checkHost(host); err != nil {
		return Connection{}, err
	}
	dir, err := certificates(host, env)
	return Connection{host: host, certDir: dir}, err
}

// checkHost refuses what the client would misread.
func checkHost(host string) error {
	scheme, _, found := strings.Cut(host, "://")
	switch {
	case !found:
		return fmt.Errorf("read address %q: no scheme", host)
	case scheme == "ssh":
		return fmt.Errorf("reach %q: ssh is not supported", host)
	case scheme != "unix" && scheme != "tcp" && scheme != "http" && scheme != "https":
		return fmt.Errorf("reach %q: unknown scheme %q", host, scheme)
	}
	u, err := client.ParseHostURL(host)
	if err != nil || scheme == "unix" {
		return err
	}
	if _, port, err := net.SplitHostPort(u.Host); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("reach %q: port %s is not from 1 to 65535", host, port)
		}
	}
	return nil
}

// HostHint says how to mend an address that [checkHost] refused.
func HostHint(host string) string {
	if strings.HasPrefix(host, "ssh://") {
		return "open a tunnel, ssh -L /tmp/docker.sock:/var/run/docker.sock HOST, and use unix:///tmp/docker.sock"
	}
	return "use unix:///var/run/docker.sock or tcp://HOST:PORT"
}

// certificates is the folder of the certificates for host, empty where none
// are used.
func certificates(host string, env environment) (string, error) {
	if strings.HasPrefix(host, "unix://") {
		return "", nil
	}
	dir, verify := env("DOCKER_CERT_PATH"), env("DOCKER_TLS_VERIFY") != ""
	switch {
	case dir != "" && !verify:
		return "", ErrPlainTLS
	case dir == "" && verify:
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the certificates for DOCKER_TLS_VERIFY: %w", err)
		}
		return filepath.Join(home, ".docker"), nil
	}
	return dir, nil
}

// socket is the path of the unix socket; empty for other connections.
func (c Connection) socket() string {
	path, _ := strings.CutPrefix(c.host, "unix://")
	if path == c.host {
		return ""
	}
	return path
}

// open makes a client. It contacts nothing. The version of the API in the
// environment is left aside on purpose: a pinned version breaks with the next
// engine.
func (c Connection) open(clock *clock) (*client.Client, error) {
	opts := []client.Opt{client.WithHost(c.host)}
	if c.certDir != "" {
		opts = append(opts, client.WithTLSClientConfig(
			filepath.Join(c.certDir, "ca.pem"), filepath.Join(c.certDir, "cert.pem"), filepath.Join(c.certDir, "key.pem")))
	}
	api, err := client.NewClientWithOpts(append(opts, watched(clock))...)
	if err != nil {
		return nil, fmt.Errorf("prepare a connection to %s: %w", c.host, err)
	}
	return api, nil
}

// watched puts [transport] below the client. It must be the last option, since
// the others want the plain transport.
func watched(clock *clock) client.Opt {
	return func(c *client.Client) error {
		httpClient := c.HTTPClient()
		base, ok := httpClient.Transport.(*http.Transport)
		if !ok {
			return fmt.Errorf("bound answers of transport %T", httpClient.Transport)
		}
		scheme := "http"
		if base.TLSClientConfig != nil {
			scheme = "https"
		}
		httpClient.Transport = transport{base, clock}
		if err := client.WithHTTPClient(httpClient)(c); err != nil {
			return err
		}
		return client.WithScheme(scheme)(c)
	}
}

// maxAnswer bounds an answer that is held in memory. The list of a thousand
// containers is below 3 MiB.
const maxAnswer = 32 << 20

// transport cuts answers that are too long to be true, and learns the engine's
// clock from all of them. Streams are not held in memory and pass.
type transport struct {
	base  *http.Transport
	clock *clock
}

// openedKey is the context's key of a function to call when a request is
// answered with success.
type openedKey struct{}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := time.Now()
	resp, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	t.clock.answered(resp.Header, asked, time.Now())
	if opened, ok := r.Context().Value(openedKey{}).(func()); ok && resp.StatusCode == http.StatusOK {
		opened()
	}
	if !strings.HasSuffix(r.URL.Path, "/logs") && !strings.HasSuffix(r.URL.Path, "/events") {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, nil
}

// CloseIdleConnections is what [http.Client] looks for when it is closed.
func (t transport) CloseIdleConnections() { t.base.CloseIdleConnections() }
