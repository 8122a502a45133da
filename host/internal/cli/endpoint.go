package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"strings"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/daemon"
	"github.com/headwatch/headwatch/host/internal/httpserver"
	"github.com/headwatch/headwatch/host/internal/store"
)

// endpointOff is what stands for an endpoint in a setting that switches it off.
const endpointOff = "off"

// mostAnswer bounds what is read of an answer.
const mostAnswer = 8 << 20

// errNoHost says that no host answers.
var errNoHost = errors.New("no host answers")

// errNoCheck says that a host has made no such check since it began.
var errNoCheck = errors.New("ask the host")

// endpointAddress finds the HTTP endpoint of a running host: where the
// environment says, else where the host noted that it listens, else where the
// configuration says. Without a configuration c is nil. It is [endpointOff]
// where there is none.
func endpointAddress(c *config.Host) (string, error) {
	set := environment("HEADWATCH_HTTP", "")
	if set != "" && !anyPort(set) {
		return set, nil
	}
	host := config.DefaultHost(os.LookupEnv)
	if c != nil {
		host = *c
	}
	dir, err := daemon.StateDir(host)
	if err != nil {
		return "", err
	}
	// A note that cannot be read is another user's: the configuration is left.
	switch noted, err := store.LoadAddress(dir); {
	case err == nil && noted != "":
		return noted, nil
	case host.HTTPListen == "":
		return endpointOff, nil
	case anyPort(host.HTTPListen) || anyPort(set):
		return "", fmt.Errorf("%w: it takes any free port, and none has noted in %s where it listens", errNoHost, dir)
	}
	return host.HTTPListen, nil
}

// anyPort says whether an address leaves the port to the system.
func anyPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && strings.Trim(port, "0") == ""
}

// baseURL is the address of an endpoint as it is asked: host:port or a URL. A
// host that listens everywhere is asked at home.
func baseURL(address string) (string, error) {
	if strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://") {
		return strings.TrimRight(address, "/"), nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", usageError{fmt.Errorf("read address of the HTTP endpoint: %w", err)}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

// ask gets a page of a running host. Its error is [errNoHost] where none
// answers.
func ask(ctx context.Context, url string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, usageError{err}
	}
	// The host is near: no proxy stands in between.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if failed := (*neturl.Error)(nil); errors.As(err, &failed) {
		err = failed.Err // without the address, which is in it anyway
	}
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errNoHost, err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("read the host's answer: %w", err)
	}
	return response.StatusCode, body, nil
}

// askAPI gets a value of a running host's API.
func askAPI(ctx context.Context, url string, into any) error {
	status, body, err := ask(ctx, url)
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		if err := json.Unmarshal(body, into); err != nil {
			return fmt.Errorf("read the host's answer: %w", err)
		}
		return nil
	}
	var refusal httpserver.Refusal
	if json.Unmarshal(body, &refusal) != nil || refusal.Error == "" {
		return fmt.Errorf("the host at %s answers %d: it is no headwatch, or one that cannot explain yet", url, status)
	}
	if status == http.StatusNotFound && refusal.Monitors == nil {
		return fmt.Errorf("%w: %s", errNoCheck, refusal.Error)
	}
	if refusal.Monitors != nil {
		refusal.Error += fmt.Sprintf("; the running host has %s", strings.Join(refusal.Monitors, ", "))
	}
	return fmt.Errorf("ask the host: %s", refusal.Error)
}
