package config

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// DefaultListen is where the HTTP endpoint listens unless told otherwise.
const DefaultListen = "127.0.0.1:9464"

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

// readHost reads the host block and what the environment says about the host.
func (f *file) readHost(s section, env Environment) Host {
	host := Host{
		PluginDirs: s.texts("plugin_dir", true),
		HTTPListen: f.readListen(s.child("http"), env),
	}
	_, host.StateDir, _ = s.text("state_dir")
	if _, set := s.body.Attributes["dry_run"]; set {
		host.DryRun = s.flag("dry_run", false)
	} else {
		host.DryRun = f.environmentFlag(env, "DRY_RUN")
	}
	if dirs, set := env.lookup("HEADWATCH_PLUGIN_DIR"); set && len(host.PluginDirs) == 0 {
		host.PluginDirs = filepath.SplitList(dirs)
	}
	if dir, set := env.lookup("HEADWATCH_STATE_DIR"); set && host.StateDir == "" {
		host.StateDir = dir
	}
	return host
}

// environmentFlag reads a variable that says true or false. Any other word is
// an error: taking a misspelt DRY_RUN for false would restart a node.
func (f *file) environmentFlag(env Environment, name string) bool {
	text, set := env.lookup(name)
	if !set {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "t", "true", "yes", "on":
		return true
	case "0", "f", "false", "no", "off":
		return false
	}
	f.fail(f.fileStart(), "Set it to true or false.", "environment variable %s must be true or false, not %q", name, text)
	return false
}

// readListen finds the address of the HTTP endpoint; the environment wins, so
// that an image can open it without touching the file.
func (f *file) readListen(s section, env Environment) string {
	listen := DefaultListen
	if g, text, ok := s.text("listen"); ok {
		if !isListen(text) {
			s.refuse(g, "an address to listen on", listenHint)
		}
		listen = text
	}
	if text, set := env.lookup("HEADWATCH_HTTP"); set {
		if !isListen(text) {
			f.fail(f.fileStart(), listenHint, "environment variable HEADWATCH_HTTP must be an address to listen on, not %q", text)
		}
		listen = text
	}
	if listen == listenOff {
		return ""
	}
	return listen
}

// listenOff switches the HTTP endpoint off.
const (
	listenOff  = "off"
	listenHint = `Write host:port such as "127.0.0.1:9464", ":0" for any free port, or "off".`
)

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

// fileStart is where things are reported that stand nowhere in the file. Its
// line says nothing about them and is not shown.
func (f *file) fileStart() place {
	return place{at: hcl.Range{Filename: f.name, Start: hcl.InitialPos, End: hcl.InitialPos}, quiet: true}
}
