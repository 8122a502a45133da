// Package preflight finds what makes it dangerous to restart a container. It
// judges what others have asked for: it contacts nobody, and what is not known to
// it is no hazard.
package preflight

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// Scene is a container with what is known around it.
type Scene struct {
	docker.Container
	// Stop is how long it has to stop, SlowestStop the longest that it was seen to
	// take; zero where none was seen.
	Stop, SlowestStop time.Duration
	// Others are the engine's containers; nil where they are not known.
	Others []docker.Listed
	// TagID is the image that has the name of the container's image now; empty
	// where it is not known.
	TagID string
}

// finder finds one kind of hazard; the id, the level and the search.
type finder struct {
	id    string
	level sdk.HazardLevel
	find  func(s Scene) (what, mend string)
}

var finders = []finder{
	{"purge", sdk.HazardRefuse, purge},
	{"same_data", sdk.HazardRefuse, sameData},
	{"no_volume", sdk.HazardWarn, noVolume},
	{"stop_timeout", sdk.HazardWarn, shortStop},
	{"slow_stop", sdk.HazardWarn, slowStop},
	{"pid1_shell", sdk.HazardWarn, pid1Shell},
	{"log_driver", sdk.HazardWarn, logDriver},
	{"restart_policy", sdk.HazardNote, restartPolicy},
	{"image_moved", sdk.HazardNote, imageMoved},
	{"updater", sdk.HazardNote, updater},
}

// Hazards are those of a container, the worst first.
func Hazards(s Scene) (found []sdk.Hazard) {
	for _, f := range finders {
		if what, mend := f.find(s); what != "" {
			found = append(found, sdk.Hazard{ID: f.id, Level: f.level, What: what, Mend: mend})
		}
	}
	return found
}

// leastStop is what a node that writes a database should have to stop.
const leastStop = time.Minute

func shortStop(s Scene) (what, mend string) {
	if s.Stop >= leastStop {
		return "", ""
	}
	return fmt.Sprintf("the container is killed %s after it was asked to stop; a node that writes a database may need longer", s.Stop),
		`set stop_timeout = "120s" in the action's config, and the action's timeout to 75 seconds more`
}

func slowStop(s Scene) (what, mend string) {
	if s.SlowestStop < s.Stop || s.SlowestStop == 0 {
		return "", ""
	}
	return fmt.Sprintf("the container took %s to stop, and a restart kills it after %s", s.SlowestStop.Round(time.Second), s.Stop),
		"set stop_timeout in the action's config to longer than that, and the action's timeout to 75 seconds more"
}

// Shell is what is said of a shell that may not hand the stop signal on.
func Shell(program string) string {
	return fmt.Sprintf("the container's first process is a shell (%s), which may keep the stop signal from the node", program)
}

// pid1Shell judges "sh -c" only: what a script in a file does is not known.
func pid1Shell(s Scene) (what, mend string) {
	text, ok := script(s.Container)
	if !ok || s.Init || handsOver.MatchString(text) {
		return "", ""
	}
	return Shell(s.Program), "begin the node's command with exec, or run the container with init (docker run --init)"
}

// LogDriver is what is said of a driver that cannot be read.
func LogDriver(name string) string {
	return fmt.Sprintf("the container's log driver is %s: its log cannot be read", name)
}

func logDriver(s Scene) (what, mend string) {
	readable := slices.Contains([]string{"", "json-file", "local", "journald"}, s.LogDriver)
	if readable || s.LogDriver != "none" && !s.LogUncached {
		return "", ""
	}
	return LogDriver(s.LogDriver), "make the container anew with the log driver local or json-file"
}

func restartPolicy(s Scene) (what, mend string) {
	if s.RestartPolicy != "" && s.RestartPolicy != "no" {
		return "", ""
	}
	return "the container's restart policy is no: nobody starts it after a crash or a reboot of the machine",
		"docker update --restart unless-stopped " + s.Name
}

func imageMoved(s Scene) (what, mend string) {
	if s.TagID == "" || s.TagID == s.ImageID {
		return "", ""
	}
	return fmt.Sprintf("%s is another image by now than the one that the container was made of; a restart goes on with the old one", s.Image),
		"make the container anew (docker compose up -d) to take the new image"
}

// updaters are labels by which others make a container anew or restart it.
var updaters = []struct{ label, who string }{
	{"com.centurylinklabs.watchtower.enable", "Watchtower"},
	{"com.ouroboros.enable", "Ouroboros"},
	{"io.containers.autoupdate", "podman auto-update"},
	{"wud.watch", "What's up Docker"},
	{"autoheal", "Autoheal"},
}

func updater(s Scene) (what, mend string) {
	for _, u := range updaters {
		value, ok := s.Labels[u.label]
		if off := strings.ToLower(value); ok && off != "false" && off != "disabled" {
			return fmt.Sprintf("the label %s lets %s restart the container or make it anew, at the same time as headwatch", u.label, u.who),
				"take the label away, or pause the one while the other works"
		}
	}
	return "", ""
}
