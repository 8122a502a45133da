// Package hostclient asks a running host over its HTTP endpoint. It changes nothing
// there.
package hostclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	neturl "net/url"
	"strings"

	"github.com/headwatch/headwatch/host/internal/httpserver"
)

// mostAnswer bounds what is read of an answer.
const mostAnswer = 8 << 20

// ErrNoHost says that no host answers.
var ErrNoHost = errors.New("no host answers")

// ErrNoCheck says that a host has made no such check since it began.
var ErrNoCheck = errors.New("ask the host")

// BaseURL is the address of an endpoint as it is asked: host:port or a URL. A
// host that listens everywhere is asked at home.
func BaseURL(address string) (string, error) {
	if strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://") {
		return strings.TrimRight(address, "/"), nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("read address of the HTTP endpoint: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

// Get gets a page of a running host. Its error is [ErrNoHost] where none
// answers.
func Get(ctx context.Context, url string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	// The host is near: no proxy stands in between.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if failed := (*neturl.Error)(nil); errors.As(err, &failed) {
		err = failed.Err // without the address, which is in it anyway
	}
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrNoHost, err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("read the host's answer: %w", err)
	}
	return response.StatusCode, body, nil
}

// GetJSON gets a value of a running host's API.
func GetJSON(ctx context.Context, url string, into any) error {
	status, body, err := Get(ctx, url)
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
		return fmt.Errorf("%w: %s", ErrNoCheck, refusal.Error)
	}
	if refusal.Monitors != nil {
		refusal.Error += fmt.Sprintf("; the running host has %s", strings.Join(refusal.Monitors, ", "))
	}
	return fmt.Errorf("ask the host: %s", refusal.Error)
}
