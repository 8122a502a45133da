package script

import (
	"bytes"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/internal/enginetest/program"
)

func TestRun(t *testing.T) {
	tests := map[string]struct {
		run    int
		steps  []string
		stdout string
		stderr string
		code   int
	}{
		"lines and bytes":       {1, []string{"out:a b", "err:c:d", `raw:\x00\xff`, "long:3"}, "a b\n\x00\xffxxx\n", "c:d\n", 0},
		"numbered lines":        {4, []string{"pace:1s", "lines:2"}, "run 4 line 1\nrun 4 line 2\n", "", 0},
		"an exit":               {1, []string{"out:a", "exit:3", "out:b"}, "a\n", "", 3},
		"the first run only":    {1, []string{"first:exit:3"}, "", "", 3},
		"not the first run":     {2, []string{"first:exit:3", "out:on"}, "on\n", "", 0},
		"a stop after a minute": {1, []string{"bye:down", "wait"}, "down\n", "", 0},
		"deaf for an hour":      {1, []string{"deaf:", "bye:heard", "sleep:1h", "out:on"}, "heard\non\n", "", 0},
		"an unknown step":       {1, []string{"jump:3"}, "", "", BadStep},
		"no number":             {1, []string{"lines:x"}, "", "", BadStep},
		"no duration":           {1, []string{"sleep:x"}, "", "", BadStep},
		"no string":             {1, []string{`raw:"`}, "", "", BadStep},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stdout, stderr bytes.Buffer
				signals := make(chan os.Signal, 1)
				stop := time.AfterFunc(time.Minute, func() { signals <- os.Interrupt })
				defer stop.Stop()
				code := Run(t.Context(), &program.Process{Args: test.steps, Stdout: &stdout, Stderr: &stderr, Signals: signals, Run: test.run})
				got := []any{stdout.String(), stderr.String(), code}
				if diff := cmp.Diff([]any{test.stdout, test.stderr, test.code}, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}
