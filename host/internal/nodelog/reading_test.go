package nodelog

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// said are events, a second after the other.
func said(events ...Event) []Event {
	for i := range events {
		events[i].Time = noon.Add(time.Duration(i) * time.Second)
	}
	return events
}

func imported(number uint64) Event { return Event{Kind: BlockImported, Number: number} }

func best(number uint64) Event { return Event{Kind: BlockBest, Number: number} }

func TestSynced(t *testing.T) {
	tests := []struct {
		name   string
		events []Event
		synced any
		// raised is how many events before the last rise there are.
		raised int
	}{
		{"imports", []Event{imported(5), imported(7), imported(6)}, uint64(7), 1},
		{"block 0 is no synced block", []Event{imported(0), best(0)}, nil, -1},
		{"an import above the best block counts", []Event{best(5), imported(9)}, uint64(9), 0},
		{"until the next best block", []Event{best(5), imported(9), best(5)}, uint64(5), 0},
		{"which may rise", []Event{best(5), imported(9), best(6)}, uint64(6), 2},
		{"which may fall and rise", []Event{best(9), best(7), best(8)}, uint64(8), 2},
		{"block 0 takes nothing back", []Event{best(5), best(0)}, uint64(5), 0},
		{"a best block below an import before it", []Event{imported(9), best(5)}, uint64(5), 0},
		{"a best block above an import before it", []Event{imported(9), best(10)}, uint64(10), 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var r Readings
			for _, ev := range said(test.events...) {
				r.Read(ev)
			}
			if got := r.Of["synced"].Value; got != test.synced {
				t.Errorf("synced is %v, want %v", got, test.synced)
			}
			want := time.Time{}
			if test.raised >= 0 {
				want = test.events[test.raised].Time
			}
			if !r.RaisedAt.Equal(want) {
				t.Errorf("raised at %s, want %s", r.RaisedAt, want)
			}
		})
	}
}

func TestCauses(t *testing.T) {
	fatal := func(name string, cures bool) Event { return Event{Kind: FatalCause, Name: name, Cures: cures} }
	start := func(version string) Event { return Event{Kind: NodeStarted, Text: version} }
	later := func(ev Event) Event {
		ev.Time = noon.Add(2 * time.Minute)
		return ev
	}
	damaged, twin, trouble := fatal("database", false), fatal("equivocation", false), fatal("task", true)
	tests := []struct {
		name           string
		events         []Event
		cause, trouble string
	}{
		{"a line", []Event{damaged}, "database", ""},
		{"one that a restart may cure", []Event{trouble}, "", "task"},
		{"the same version starts again", []Event{start("1"), damaged, trouble, start("1")}, "database", "task"},
		{"another version starts", []Event{start("1"), damaged, trouble, start("2")}, "", ""},
		{"a version that is not known", []Event{damaged, start("2")}, "database", ""},
		{"a start without a version", []Event{start("1"), damaged, start("")}, "database", ""},
		{"nine blocks", []Event{imported(100), damaged, trouble, later(imported(109))}, "database", "task"},
		{"ten blocks", []Event{imported(100), damaged, trouble, later(imported(110))}, "", ""},
		{"ten blocks at once", []Event{imported(100), damaged, imported(110)}, "database", ""},
		{"from a height that was not known", []Event{damaged, imported(100), later(best(109))}, "database", ""},
		{"ten from there", []Event{damaged, imported(100), later(best(110))}, "", ""},
		{"said again", []Event{imported(100), damaged, imported(110), damaged, later(imported(115))}, "database", ""},
		{"equivocation is not overcome", []Event{imported(100), twin, later(imported(200))}, "equivocation", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var r Readings
			for i, ev := range test.events {
				if ev.Time.IsZero() {
					ev.Time = noon.Add(time.Duration(i) * time.Second)
				}
				r.Read(ev)
			}
			got := [2]string{}
			for i, ev := range []*Event{r.Cause, r.Trouble} {
				if ev != nil {
					got[i] = ev.Name
				}
			}
			if diff := cmp.Diff([2]string{test.cause, test.trouble}, got); diff != "" {
				t.Errorf("cause and trouble (-want +got):\n%s", diff)
			}
		})
	}
}

// A node that names its best block at its start only makes progress all the same.
func TestImportsCountWithoutBestBlocks(t *testing.T) {
	at := func(ev Event, after time.Duration) Event {
		ev.Time = noon.Add(after)
		return ev
	}
	var r Readings
	for _, ev := range []Event{at(best(100), 0), at(imported(150), time.Minute), at(imported(200), 3*time.Minute), at(imported(190), 4*time.Minute)} {
		r.Read(ev)
	}
	if want := noon.Add(3 * time.Minute); !r.RaisedAt.Equal(want) {
		t.Errorf("raised at %s, want %s", r.RaisedAt, want)
	}
}

// A fatal line of before a batch is overcome by what is left of the batch as by all
// of it.
func TestEssentialForAnEarlierCause(t *testing.T) {
	batch := said(imported(1100), imported(1150), imported(1200))
	for name, events := range map[string][]Event{"all": batch, "merged": Essential(batch)} {
		var r Readings
		r.Read(Event{Time: noon.Add(-time.Hour), Kind: FatalCause, Name: "database"})
		for _, ev := range events {
			r.Read(ev)
		}
		if r.Cause != nil {
			t.Errorf("%s: it holds from block %d", name, r.Cause.Number)
		}
	}
}
