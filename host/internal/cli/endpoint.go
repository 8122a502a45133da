package cli

import (
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/daemon"
	"github.com/headwatch/headwatch/host/internal/hostclient"
	"github.com/headwatch/headwatch/host/internal/store"
)

// endpointOff is what stands for an endpoint in a setting that switches it off.
const endpointOff = "off"

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
		return "", fmt.Errorf("%w: it takes any free port, and none has noted in %s where it listens", hostclient.ErrNoHost, dir)
	}
	return host.HTTPListen, nil
}

// anyPort says whether an address leaves the port to the system.
func anyPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && strings.Trim(port, "0") == ""
}
