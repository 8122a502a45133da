package supervisor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	put := func(dir, name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	both := put(first, "both", 0o755)
	put(second, "both", 0o755)
	restart := put(second, "docker-restart", 0o755)
	plain := put(first, "plain", 0o644)
	put(second, "plain", 0o755)
	missing := filepath.Join(first, "gone")
	dirs := []string{missing, first, second}
	cases := map[string]struct {
		plugin string
		dirs   []string
		want   string
		errors []string
	}{
		"in the first folder":  {plugin: "both", dirs: dirs, want: both},
		"in the second folder": {plugin: "docker-restart", dirs: dirs, want: restart},
		"a path":               {plugin: restart, want: restart},
		"a misspelt name":      {plugin: "docker-restrat", dirs: dirs, errors: []string{first, second, missing, `Did you mean "docker-restart"?`}},
		"an unknown name":      {plugin: "zzz", dirs: dirs, errors: []string{"there are both, docker-restart, plain"}},
		"no plugin anywhere":   {plugin: "zzz", dirs: []string{missing}, errors: []string{"no plugin at all"}},
		"no folder":            {plugin: "zzz", errors: []string{"no folder"}},
		"not executable":       {plugin: "plain", dirs: dirs, errors: []string{plain, "not executable"}},
		"a path to nothing":    {plugin: "./gone", errors: []string{"./gone does not exist"}},
		"a path to a folder":   {plugin: first, errors: []string{"is a folder"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Lookup(c.plugin, c.dirs)
			if len(c.errors) == 0 {
				if got != c.want || err != nil {
					t.Errorf("got %q, %v", got, err)
				}
				return
			}
			if err == nil || !holdsAll(err.Error(), c.errors) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, c.errors)
			}
		})
	}
}
