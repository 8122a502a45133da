package record

import (
	"strings"
	"testing"
	"time"
)

func TestSegmentsOf(t *testing.T) {
	noon := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	files := []string{"d/aleph-2-20250301T110000.000Z.jsonl.gz", "d/aleph-20250301T100000.000Z.jsonl.gz", "d/aleph-20250301T110000.500Z.jsonl.gz",
		"d/aleph-20250301T120000.000Z.jsonl.gz", "d/aleph-20250301T130000.000Z.jsonl", "d/lock", "d/night.jsonl"}
	tests := []struct {
		name      string
		since, at time.Time
		want      string
	}{
		{"in the middle of one", noon.Add(10 * time.Minute), noon.Add(20 * time.Minute), "12"},
		{"at the beginning of one", noon, noon, "12"},
		{"over the border", noon.Add(-time.Minute), noon, "11 12"},
		{"all", time.Time{}, noon.Add(24 * time.Hour), "10 11 12 13"},
		{"the newest", noon.Add(23 * time.Hour), noon.Add(24 * time.Hour), "13"},
		{"before all", noon.Add(-3 * time.Hour), noon.Add(-2 * time.Hour).Add(-1), ""},
	}
	for _, test := range tests {
		found, begins := SegmentsOf(files, "aleph", test.since, test.at)
		var hours []string
		for _, file := range found {
			hours = append(hours, strings.TrimPrefix(file, "d/aleph-20250301T")[:2])
		}
		if got := strings.Join(hours, " "); got != test.want || !begins.Equal(noon.Add(-2*time.Hour)) {
			t.Errorf("%s: got %q since %s, want %q", test.name, got, begins, test.want)
		}
	}
	if found, begins := SegmentsOf(files, "other", noon, noon); found != nil || !begins.IsZero() {
		t.Errorf("a monitor that was not recorded has %v since %s", found, begins)
	}
}
