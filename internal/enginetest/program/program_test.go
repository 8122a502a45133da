package program

import (
	"path/filepath"
	"testing"
)

func TestCountRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "runs")
	for want := 1; want <= 3; want++ {
		if got := countRun(file); got != want {
			t.Errorf("run %d is counted as %d", want, got)
		}
	}
	if got := countRun(filepath.Join(file, "nowhere")); got != 1 {
		t.Errorf("a run that cannot be counted is %d, want 1", got)
	}
}
