package conformance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk/conformance"
	"github.com/headwatch/headwatch/sdk/conformance/internal/faulty"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
)

// TestMain lets the test binary be every faulty plugin: the name that it is
// started by says which.
func TestMain(m *testing.M) {
	if name, ok := strings.CutPrefix(filepath.Base(os.Args[0]), prefix); ok {
		os.Exit(faulty.Main(name))
	}
	// The race detector holds every process up for a second at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

const prefix = "faulty-"

// plugin is the plugin with a fault, in this process where that will do.
func plugin(t *testing.T, name string) subject.Subject {
	t.Helper()
	if !faulty.NeedsProcess(name) {
		return inMemory(t, name)
	}
	return program(t, name)
}

func inMemory(t *testing.T, name string) subject.Subject {
	return subject.InMemory(func() subject.Server {
		server, err := faulty.NewServer(name)
		if err != nil {
			t.Fatal(err)
		}
		return server
	})
}

// program is the test binary under the name of a faulty plugin.
func program(t *testing.T, name string) *subject.Binary {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), prefix+name)
	if err := os.Symlink(own, path); err != nil {
		t.Fatal(err)
	}
	return &subject.Binary{Path: path, Env: os.Environ()}
}

// names are the checks that had an outcome, with what they found.
func names(report *conformance.Report, of conformance.Outcome) []string {
	var names []string
	for _, r := range report.Results {
		if r.Outcome == of {
			names = append(names, r.Check)
		}
	}
	return names
}

func test(t *testing.T, plugin subject.Subject, match *regexp.Regexp) *conformance.Report {
	t.Helper()
	report, err := conformance.Run(t.Context(), plugin, conformance.Options{Plugin: "plugin", Match: match})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func text(report *conformance.Report) string {
	var b strings.Builder
	_ = report.WriteText(&b) // into memory
	return b.String()
}

func TestASoundPluginPassesEveryCheck(t *testing.T) {
	report := test(t, program(t, faulty.Sound), nil)
	if diff := cmp.Diff(conformance.Names(), names(report, conformance.Passed)); diff != "" {
		t.Errorf("checks that passed (-want +got):\n%s\n%s", diff, text(report))
	}
}

// With the race detector only the check itself is made: all checks of all faults
// would take a minute.
func TestEveryFaultIsFoundByItsCheckAndNoOther(t *testing.T) {
	for _, name := range faulty.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var match *regexp.Regexp
			if race {
				match = regexp.MustCompile("^" + name + "$")
			}
			report := test(t, plugin(t, name), match)
			if diff := cmp.Diff([]string{name}, names(report, conformance.Failed)); diff != "" {
				t.Errorf("checks that failed (-want +got):\n%s\n%s", diff, text(report))
			}
		})
	}
}

func TestEveryCheckHasAFault(t *testing.T) {
	want := conformance.Names()
	slices.Sort(want)
	if diff := cmp.Diff(want, faulty.Names()); diff != "" {
		t.Errorf("faults (-checks +faults):\n%s", diff)
	}
}
