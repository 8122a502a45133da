package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"
)

// ErrNoHost says that no host runs on a state folder.
var ErrNoHost = errors.New("no headwatch runs with this state folder")

// mostReply bounds what is read of an answer.
const mostReply = 8 << 20

// Ask asks the host that runs on a state folder for something. Its error is
// [ErrNoHost] where none does.
func Ask(ctx context.Context, dir, what string, r Request) (Reply, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return Reply{}, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, dir) }}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://headwatch/v1/"+what, bytes.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	response, err := client.Do(request)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return Reply{}, fmt.Errorf("%w: %s", ErrNoHost, dir)
	case errors.Is(err, fs.ErrPermission):
		return Reply{}, fmt.Errorf("the state folder %s is another user's: run this as the user of the host, or as root: %w", dir, err)
	case err != nil:
		return Reply{}, fmt.Errorf("ask the host: %w", err)
	}
	defer response.Body.Close()
	var reply Reply
	if err := json.NewDecoder(io.LimitReader(response.Body, mostReply)).Decode(&reply); err != nil {
		return Reply{}, fmt.Errorf("read the host's answer (%s): %w", response.Status, err)
	}
	if reply.Error != "" {
		return reply, errors.New(reply.Error)
	}
	return reply, nil
}
