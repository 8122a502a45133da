package conformance_test

import (
	"os"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/sdk/conformance"
)

// The page that a report names must have a place for every check, and none for
// a check that there is not.
func TestThePageDescribesEveryCheck(t *testing.T) {
	page, err := os.ReadFile("../../" + conformance.Page)
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "### "); ok {
			headings[name] = true
		}
	}
	for _, name := range conformance.Names() {
		if !headings[name] {
			t.Errorf("%s has no heading for the check %s", conformance.Page, name)
		}
		delete(headings, name)
	}
	for name := range headings {
		t.Errorf("%s describes %s, which is no check", conformance.Page, name)
	}
}
