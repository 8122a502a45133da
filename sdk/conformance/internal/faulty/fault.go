package faulty

import (
	"maps"
	"slices"
)

// Sound is the name of the plugin without a fault.
const Sound = "sound"

// Names are the names of the faults, in order.
func Names() []string {
	names := slices.Collect(maps.Keys(faults()))
	for name := range processFaults() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// NeedsProcess says whether a fault is one of the process, which a server in
// the process of a test does not have.
func NeedsProcess(name string) bool {
	_, ok := processFaults()[name]
	return ok
}

// faults are those of what a plugin answers.
func faults() map[string]func(*relay) {
	all := map[string]func(*relay){}
	for _, some := range []map[string]func(*relay){infoFaults(), configFaults(), callFaults(), parseFaults(), actFaults(), logFaults()} {
		maps.Copy(all, some)
	}
	return all
}

// spoil gives a relay the fault of this name.
func spoil(r *relay, name string) {
	if fault, ok := faults()[name]; ok {
		fault(r)
	}
}
