package jsonrpc

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
	"github.com/rogpeppe/go-internal/txtar"
)

// Each file holds a configuration, what a server answers to each question, and
// the head or the error that comes of it.
func TestAnswersOfChains(t *testing.T) {
	files, err := filepath.Glob("../testdata/answers/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, error %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, part := range archive.Files {
				parts[part.Name] = strings.TrimSpace(string(part.Data))
			}
			synctest.Test(t, func(t *testing.T) { runAnswers(t, parts) })
		})
	}
}

func runAnswers(t *testing.T, parts map[string]string) {
	n := newNode(t, "node.test")
	for name, text := range parts {
		if name != "config" && name != "want" && name != "error" {
			n.answers[name] = text
		}
	}
	s, _ := n.source(t, configOf(t, parts["config"]))
	head, err := getHead(t, s)
	if want, ok := parts["error"]; ok {
		if err == nil || err.Error() != want {
			t.Fatalf("got head %d, error\n%v\nwant error\n%s", head.Best, err, want)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var want sdk.Head
	if err := json.Unmarshal([]byte(parts["want"]), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, head); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	for name := range n.answers {
		if n.asked(name) != 1 {
			t.Errorf("%s was asked %d times, want once", name, n.asked(name))
		}
	}
}
