package config

import (
	"net"
	"strconv"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// Host is what the host itself is told.
type Host struct {
	// PluginDirs are the folders in which plugins are looked up by name, in
	// their order; empty where neither the file nor the environment says any.
	PluginDirs []string
	// StateDir is the folder for what survives a restart of the host; empty
	// where neither the file nor the environment says it.
	StateDir string
	// DryRun holds every act.
	DryRun bool
	// HTTPListen is host:port of the HTTP endpoint; empty where it is off.
	HTTPListen string
}

// listenOff switches the HTTP endpoint off.
const listenOff = "off"

// DefaultHost is what the environment says about a host without a configuration.
func DefaultHost(env Environment) Host {
	top, _ := language(Grammar(), env).Parse("", nil)
	return readHost(top.Child("host"))
}

func readHost(s hcltext.Section) Host {
	host := Host{PluginDirs: s.Texts("plugin_dir"), StateDir: s.Text("state_dir"), DryRun: s.Flag("dry_run") || environmentDryRun(s), HTTPListen: s.Child("http").Text("listen")}
	if host.HTTPListen == listenOff {
		host.HTTPListen = ""
	}
	return host
}

// environmentDryRun says whether DRY_RUN asks for a dry run: whoever sets it must be
// able to rely on it, whatever the file says.
func environmentDryRun(s hcltext.Section) bool {
	nothing, _ := s.Language.Parse("", nil)
	return nothing.Child("host").Flag("dry_run")
}

func isListen(text string) bool {
	if text == listenOff {
		return true
	}
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}
