package dockerrestart

import (
	"os"
	"regexp"
	"strings"
)

// identity is what this process knows of the container that it runs in, if it
// runs in one.
type identity struct {
	hostname string
	ids      map[string]bool // full ids
}

var (
	// ownMount is a line of mountinfo for one of the files that an engine puts
	// into each container; its fourth field is the file's place outside. Only
	// these mount points count: on the engine's own machine the mounts of all
	// containers can be seen.
	ownMount = regexp.MustCompile(`^\S+ \S+ \S+ \S*/([0-9a-f]{64})/\S+ /etc/(?:hostname|hosts|resolv\.conf) `)
	// ownGroup is a line of a control group that an engine made.
	ownGroup = regexp.MustCompile(`[/:-]([0-9a-f]{64})(?:\.scope)?$`)
)

// ownIdentity reads what the kernel and the engine tell a process about the
// container around it. What cannot be read says nothing.
func ownIdentity() identity {
	hostname, _ := os.Hostname()
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	groups, _ := os.ReadFile("/proc/self/cgroup")
	return newIdentity(hostname, string(mounts), string(groups))
}

func newIdentity(hostname, mounts, groups string) identity {
	own := identity{hostname: hostname, ids: make(map[string]bool)}
	for _, source := range []struct {
		lines   string
		pattern *regexp.Regexp
	}{{mounts, ownMount}, {groups, ownGroup}} {
		for line := range strings.Lines(source.lines) {
			if found := source.pattern.FindStringSubmatch(strings.TrimSuffix(line, "\n")); found != nil {
				own.ids[found[1]] = true
			}
		}
	}
	return own
}

// leastHostname is the length of the host name that an engine gives a
// container, the beginning of its id.
const leastHostname = 12

// is says whether the container with this id is the one around this process.
func (i identity) is(id string) bool {
	return i.ids[id] || len(i.hostname) >= leastHostname && strings.HasPrefix(id, i.hostname)
}
