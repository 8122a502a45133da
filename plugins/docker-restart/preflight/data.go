package preflight

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

// NoVolume is what is said of a container that keeps its data in itself.
const NoVolume = "the container has no volume: its data is lost when it is made anew"

func noVolume(s Scene) (what, mend string) {
	if slices.ContainsFunc(s.Mounts, isData) {
		return "", ""
	}
	what = NoVolume
	if len(s.Mounts) > 0 {
		what = "the container has no volume for its data: it is lost when the container is made anew"
	}
	return what, "make the container anew with a volume at the node's data folder (docker run -v NAME:/data)"
}

// sameData finds another container that runs and writes the data of this one.
// Two processes on one database damage it.
func sameData(s Scene) (what, mend string) {
	for _, other := range s.Others {
		if other.ID == s.ID || !other.Status.Alive() {
			continue
		}
		for _, mine := range s.Mounts {
			for _, theirs := range other.Mounts {
				if isData(mine) && theirs.Writable && overlap(mine, theirs) {
					return fmt.Sprintf("container %s runs and may write the same data: %s, there at %s, here at %s",
							other.Name(), nameOf(mine), theirs.Destination, mine.Destination),
						"stop one of the two, or give " + other.Name() + " a folder of its own or a read-only mount"
				}
			}
		}
	}
	return "", ""
}

// anonymous is the length of a name that the engine gives a volume.
const anonymous = 64

func nameOf(m docker.Mount) string {
	switch {
	case m.Type != "volume":
		return m.Source
	case len(m.Name) == anonymous:
		return "volume " + docker.ShortID(m.Name)
	}
	return "volume " + m.Name
}

// asideFiles are endings of files that containers share and that are no chain.
var asideFiles = []string{".sock", ".ipc", ".toml", ".yaml", ".yml", ".json", ".conf", ".cfg", ".ini", ".env", ".key", ".pem", ".crt", ".txt", ".hex", ".jwt", ".sh", ".log", ".pid"}

// asideRoots are folders of the machine's own settings and devices.
var asideRoots = []string{"/etc", "/dev", "/proc", "/sys", "/run", "/var/run", "/tmp/.X11-unix"}

// asideWords are in the names of folders by which containers share secrets,
// sockets, settings and logs.
var asideWords = []string{"jwt", "jwtsecret", "secret", "secrets", "ipc", "sock", "socket", "sockets", "config", "conf", "log", "logs", "cert", "certs", "ssl", "tls"}

// isData says whether a container may keep its chain at a mount.
func isData(m docker.Mount) bool {
	if !m.Writable || m.Type != "volume" && m.Type != "bind" {
		return false
	}
	if m.Type == "bind" {
		under := func(root string) bool { return within(m.Source, root) }
		if slices.Contains(asideFiles, path.Ext(m.Source)) || slices.ContainsFunc(asideRoots, under) {
			return false
		}
	}
	words := strings.FieldsFunc(strings.ToLower(path.Base(m.Destination)), func(r rune) bool { return strings.ContainsRune("-_.", r) })
	return !slices.ContainsFunc(words, func(word string) bool { return slices.Contains(asideWords, word) })
}

// overlap says whether another container has the same volume, or a folder in, of
// or around this one's. Those who have the whole machine, or all volumes, are
// tools that look after it.
func overlap(mine, theirs docker.Mount) bool {
	if mine.Type == "volume" && theirs.Type == "volume" {
		return mine.Name != "" && mine.Name == theirs.Name
	}
	if mine.Source == "" || theirs.Source == "" {
		return false
	}
	around := within(mine.Source, theirs.Source) && path.Clean(mine.Source) != path.Clean(theirs.Source)
	if around && (strings.Count(path.Clean(theirs.Source), "/") == 1 || within("/var/lib/docker/volumes", theirs.Source)) {
		return false
	}
	return within(mine.Source, theirs.Source) || within(theirs.Source, mine.Source)
}

// within says whether a path is a folder or in it.
func within(name, folder string) bool {
	name, folder = path.Clean(name), path.Clean(folder)
	return name == folder || strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}
