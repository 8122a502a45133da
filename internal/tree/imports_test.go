package main

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/headwatch/headwatch/"

// ban is one rule: no package of from imports one of to, itself or by others.
// Patterns are paths in the module, of which "x/..." has all below x too. Other
// modules go by their import path; the standard library is always allowed.
type ban struct {
	why      string
	from, to []string
	except   []string // of from
	allowed  []string // of to
	// tests says that the rule is also for what the tests import.
	tests bool
}

// edges are the parts of the host that speak to the outside; all others are its
// core.
func edges() []string {
	return []string{"host/internal/cli", "host/internal/daemon", "host/internal/hostclient", "host/internal/hostlog", "host/internal/httpserver", "host/internal/newplugin", "host/internal/plugin", "host/internal/privilege", "host/internal/supervisor", "host/internal/testrun"}
}

// bans are the rules. A package that is new is bound by them without being named.
func bans(packages []string) []ban {
	host, plugins, engine := []string{"host/..."}, []string{"plugins/..."}, []string{"github.com/docker/docker/..."}
	hostAndPlugins, kits := slices.Concat(host, plugins), []string{"sdk/conformance/...", "sdk/plugintest/...", "sdk/endpoint/endpointtest"}
	all := []ban{
		{why: "fact imports the standard library only", from: []string{"host/internal/fact"}, to: []string{"..."}},
		{why: "nodelog imports fact only", from: []string{"host/internal/nodelog"}, to: []string{"..."}, allowed: []string{"host/internal/fact"}},
		{why: "judge imports the list of public suffixes only", from: []string{"host/internal/judge"}, to: []string{"..."}, allowed: []string{"golang.org/x/net/publicsuffix"}},
		{why: "ruleset imports fact only", from: []string{"host/internal/ruleset"}, to: []string{"..."}, allowed: []string{"host/internal/fact"}},
		{why: "acts imports fact only", from: []string{"host/internal/acts"}, to: []string{"..."}, allowed: []string{"host/internal/fact"}},
		{why: "pace and witness import fact only", from: []string{"host/internal/pace", "host/internal/witness"}, to: []string{"..."}, allowed: []string{"host/internal/fact"}},
		{why: "rule imports acts, deepcopy, fact, judge, nodelog, pace, ruleset and witness only", from: []string{"host/internal/rule"}, to: []string{"..."}, allowed: []string{"host/internal/acts", "host/internal/deepcopy", "host/internal/ruleset", "host/internal/fact", "host/internal/judge", "host/internal/nodelog", "host/internal/pace", "host/internal/witness", "golang.org/x/net/publicsuffix"}},
		{why: "only the programs import cli", from: []string{"..."}, except: []string{"host", "host/bundle"}, to: []string{"host/internal/cli"}, tests: true},
		{why: "the core of the host does not know its edges", from: []string{"host/internal/..."}, except: edges(), to: edges(), tests: true},
		{why: "the host knows no plugin", from: host, except: []string{"host/bundle"}, to: plugins},
		{why: "only the tests of cli run plugins", from: host, except: []string{"host/bundle", "host/internal/cli"}, to: plugins, tests: true},
		{why: "the host speaks to no engine", from: host, except: []string{"host/bundle"}, to: engine},
		{why: "sdk knows neither host nor plugins", from: []string{"sdk/..."}, to: hostAndPlugins, tests: true},
		{why: "plugins import sdk only", from: plugins, to: []string{"host/...", "examples/..."}, tests: true},
		{why: "examples know neither host nor plugins", from: []string{"examples/..."}, to: hostAndPlugins, tests: true},
		{why: "test kits know neither host nor plugins", from: []string{"internal/..."}, to: hostAndPlugins, tests: true},
		{why: "test kits are for tests and examples", from: []string{"..."}, except: []string{"internal/...", "examples/..."}, to: []string{"internal/..."}},
		{why: "the kit for engines is for tests", from: []string{"..."}, to: []string{"host/internal/rule/ruletest"}},
		{why: "the kits for authors are for tests and for cli", from: []string{"..."}, except: []string{"sdk/conformance/...", "sdk/plugintest/...", "sdk/endpoint/endpointtest", "host", "host/bundle", "host/internal/cli"}, to: kits},
	}
	for _, name := range packages {
		if own, _, _ := strings.Cut(strings.TrimPrefix(name, "plugins/"), "/"); name == "plugins/"+own {
			all = append(all, ban{why: "plugins do not know each other", from: []string{name + "/..."}, to: plugins, allowed: []string{name + "/..."}, tests: true})
		}
	}
	return all
}

// matches says whether a path fits one of the patterns.
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		before, below := strings.CutSuffix(pattern, "/...")
		return pattern == "..." || name == before || below && strings.HasPrefix(name, before+"/")
	})
}

// graph is who imports whom, by the paths of packages.
type graph struct{ imports, tests map[string][]string }

// readGraph reads the imports of every file, whatever system it is for.
func readGraph(t *testing.T, root string) graph {
	t.Helper()
	g := graph{map[string][]string{}, map[string][]string{}}
	err := walk(root, func(path string) error {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		into := g.imports
		if strings.HasSuffix(path, "_test.go") {
			into = g.tests
			g.imports[name] = slices.Clone(g.imports[name]) // a package of tests alone is one too
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") {
				into[name] = append(into[name], strings.TrimPrefix(imported, module))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// faults are the imports that break a rule, each with how it comes about, and
// the packages with a name that could hold anything.
func (g graph) faults() []string {
	var found, packages []string
	for name := range g.imports {
		packages = append(packages, name)
	}
	slices.Sort(packages)
	for _, b := range bans(packages) {
		for _, name := range packages {
			if chain := g.chain(name, b); chain != nil {
				found = append(found, b.why+": "+strings.Join(chain, " imports "))
			}
		}
	}
	for _, name := range packages {
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "shared", "types", "models"}, filepath.Base(name)) {
			found = append(found, name+" has a name that could hold anything")
		}
	}
	return found
}

// chain is the shortest way from a package to what a rule forbids it; nil where
// there is none.
func (g graph) chain(from string, b ban) []string {
	if !matches(b.from, from) || matches(b.except, from) {
		return nil
	}
	first := g.imports[from]
	if b.tests {
		first = slices.Concat(first, g.tests[from])
	}
	seen, queue := map[string]bool{from: true}, [][]string{}
	enqueue := func(way, imports []string) {
		for _, next := range imports {
			if !seen[next] {
				seen[next] = true
				queue = append(queue, append(slices.Clone(way), next))
			}
		}
	}
	enqueue([]string{from}, first)
	for len(queue) > 0 {
		way := queue[0]
		queue = queue[1:]
		last := way[len(way)-1]
		if matches(b.to, last) && !matches(b.allowed, last) {
			return way
		}
		enqueue(way, g.imports[last])
	}
	return nil
}

// TestImports: imports point inward.
func TestImports(t *testing.T) {
	g := readGraph(t, "../..")
	if len(g.imports["host/internal/cli"]) == 0 || len(g.tests["host/internal/cli"]) == 0 {
		t.Fatal("the tree was not read")
	}
	for _, fault := range g.faults() {
		t.Error(fault)
	}
}

// TestImportsThatAreForbidden: each rule finds what it forbids, also behind other
// packages and in tests.
func TestImportsThatAreForbidden(t *testing.T) {
	tests := []struct {
		name           string
		imports, tests map[string][]string
		want           []string
	}{
		{"allowed", map[string][]string{
			"host": {"host/internal/cli"}, "host/internal/cli": {"host/internal/supervisor", "sdk/conformance", "example.org/x"},
			"host/bundle": {"host/internal/cli", "plugins/a/one"}, "plugins/a": {"plugins/a/one"}, "plugins/a/one": {"sdk", "github.com/docker/docker/client"},
			"examples/demo": {"internal/kit"},
		}, map[string][]string{"host/internal/cli": {"plugins/a/one", "internal/kit"}, "plugins/a/one": {"internal/kit", "sdk/plugintest"}}, nil},
		{"rule", map[string][]string{"host/internal/rule": {"example.org/x"}}, nil, []string{"rule imports acts, deepcopy, fact, judge, nodelog, pace, ruleset and witness only: host/internal/rule imports example.org/x"}},
		{"behind others", map[string][]string{"host/internal/config": {"host/internal/new"}, "host/internal/new": {"host/internal/supervisor", "host/internal/testrun"}}, nil, []string{
			"the core of the host does not know its edges: host/internal/config imports host/internal/new imports host/internal/supervisor",
			"the core of the host does not know its edges: host/internal/new imports host/internal/supervisor"}},
		{"cli", map[string][]string{"sdk": {"host/internal/cli"}}, nil, []string{
			"only the programs import cli: sdk imports host/internal/cli", "sdk knows neither host nor plugins: sdk imports host/internal/cli"}},
		{"a plugin in a test", map[string][]string{"host/internal/trace": nil}, map[string][]string{"host/internal/trace": {"plugins/a"}}, []string{
			"only the tests of cli run plugins: host/internal/trace imports plugins/a"}},
		{"an engine", map[string][]string{"host/internal/store": {"github.com/docker/docker/client"}}, nil, []string{
			"the host speaks to no engine: host/internal/store imports github.com/docker/docker/client"}},
		{"another plugin", map[string][]string{"plugins/a": {"plugins/b/two"}, "plugins/b": {"plugins/b/two"}}, nil, []string{
			"plugins do not know each other: plugins/a imports plugins/b/two"}},
		{"the host in a plugin", map[string][]string{"plugins/a": nil}, map[string][]string{"plugins/a": {"host/internal/rule"}}, []string{
			"plugins import sdk only: plugins/a imports host/internal/rule"}},
		{"examples and kits", map[string][]string{"examples/x": {"plugins/a"}, "internal/kit": {"host/internal/rule"}, "sdk": {"internal/kit", "sdk/plugintest"}}, nil, []string{
			"sdk knows neither host nor plugins: sdk imports internal/kit imports host/internal/rule",
			"examples know neither host nor plugins: examples/x imports plugins/a",
			"test kits know neither host nor plugins: internal/kit imports host/internal/rule",
			"test kits are for tests and examples: sdk imports internal/kit",
			"the kits for authors are for tests and for cli: sdk imports sdk/plugintest"}},
		{"a name", map[string][]string{"host/internal/util": nil}, nil, []string{"host/internal/util has a name that could hold anything"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, graph{test.imports, test.tests}.faults()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}
