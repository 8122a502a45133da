package acts

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

func at(minutes float64) time.Time { return start.Add(time.Duration(minutes * float64(time.Minute))) }

// place is where a node stands; a negative number is one that is not known.
func place(height, lag int) Place {
	var p Place
	if height >= 0 {
		p.Height = new(uint64(height))
	}
	if lag >= 0 {
		p.Lag = new(uint64(lag))
	}
	return p
}

// acted is a ledger with one act at minute 0 on a node at height 1000, 100 behind.
func acted() *Ledger {
	l := &Ledger{Asked: &Ask{At: at(-0.5), Rule: "sync_stall", Place: place(1000, 100)}}
	l.Did(at(0), Stop{})
	return l
}

// seen is a check of a run that began with the act.
func seen(p Place, change ...func(*Sight)) Sight {
	s := Sight{Interval: time.Minute, Began: at(0), Line: true, RaisedAt: at(0.5), Place: p}
	for _, f := range change {
		f(&s)
	}
	return s
}

func TestOutcome(t *testing.T) {
	blind := func(s *Sight) { s.Blind = true }
	down := func(s *Sight) { s.Down = true }
	gains := func(s *Sight) { s.Gains = true }
	tests := []struct {
		name   string
		at     float64
		sight  Sight
		others string
		want   Outcome
	}{
		{"above, and no further behind", 2, seen(place(1001, 100)), "", Helped},
		{"above, but further behind", 2, seen(place(1001, 101)), "", Pending},
		{"at the height at which it was stuck", 2, seen(place(1000, 90)), "", Pending},
		{"above, and how far behind is not known", 2, seen(place(1001, -1)), "", Pending},
		{"a moment before its time is over", 9.99, seen(place(1000, 300)), "", Pending},
		{"at the end of its time", 10, seen(place(1000, 300)), "", NoEffect},
		{"no block of the new run", 10, seen(place(-1, -1)), "", NoEffect},
		{"above, but further behind to the end", 10, seen(place(1001, 101)), "", NoEffect},
		{"above, and it gains", 10, seen(place(1001, 101), gains), "", Pending},
		{"below", 10, seen(place(999, 300)), "", Worse},
		{"below, within its time", 2, seen(place(999, 300)), "", Pending},
		{"down", 10, seen(place(1000, 300), down), "", Worse},
		{"down, within its time", 2, seen(place(1000, 300), down), "", Pending},
		{"in a crash loop", 2, seen(place(-1, -1), func(s *Sight) { s.Loop = true }), "", Worse},
		{"nothing to see by", 10, seen(place(-1, -1), blind), "", Unclear},
		{"started by somebody else", 5, seen(place(1500, 0)), ByCall, Unclear},
		{"started by its policy", 5, seen(place(1500, 0)), ByPolicy, Helped},
		{"started by who knows", 5, seen(place(1500, 0)), "unknown", Helped},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := acted()
			l.Started(Start{At: at(0.2), StartedAt: at(0.2), By: ByCall}) // the act's own
			if test.others != "" {
				l.Started(Start{At: at(4), StartedAt: at(4), By: test.others})
			}
			l.Follow(at(test.at), test.sight, leastWithin)
			if got := l.Last().Outcome; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Without a height at the act, such as of a node that was down, its first block shows
// that it helped.
func TestOutcomeWithoutAHeight(t *testing.T) {
	l := &Ledger{}
	l.Did(at(0), Stop{})
	l.Follow(at(1), Sight{Began: at(0), Line: true}, leastWithin)
	if l.Last().Outcome != Pending || !l.Last().FirstLine.Equal(at(1)) {
		t.Errorf("before a block: %+v", l.Last())
	}
	l.Follow(at(2), seen(place(5, 9000)), leastWithin)
	if l.Last().Outcome != Helped || !l.Last().FirstBlock.Equal(at(0.5)) {
		t.Errorf("after a block: %+v", l.Last())
	}
}

// A node that checks its database for twenty minutes before it names its block has half
// of the time from there, and an hour to name one.
func TestOutcomeOfASlowStart(t *testing.T) {
	silent := Sight{Began: at(0.2)}
	named := func(height int) Sight {
		s := seen(place(height, 1500))
		s.RaisedAt = at(20.5)
		return s
	}
	tests := []struct {
		name string
		at   float64
		last Sight
		want Outcome
	}{
		{"it has said nothing", 20, silent, Pending},
		{"nor in an hour", 60, silent, NoEffect},
		{"it has just named its block", 21, named(1000), Pending},
		{"it stands there", 25.5, named(1000), NoEffect},
		{"it goes on from there", 25, named(1100), Pending},
		{"it is down", 20, Sight{Began: at(0.2), Down: true}, Worse},
	}
	for _, test := range tests {
		l := acted()
		l.Follow(at(11), silent, leastWithin)
		l.Follow(at(test.at), test.last, leastWithin)
		if got := l.Last().Outcome; got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// history is a ledger with acts an hour apart that came to these outcomes.
func history(outcomes ...Outcome) *Ledger {
	l := &Ledger{}
	for i, o := range outcomes {
		l.Acts = append(l.Acts, Act{Ask: Ask{At: at(float64(60 * i))}, Done: at(float64(60 * i)), Outcome: o, Judged: at(float64(60*i + 10))})
	}
	return l
}

func TestUnhelpful(t *testing.T) {
	tests := []struct {
		acts []Outcome
		want int
	}{
		{nil, 0},
		{[]Outcome{NoEffect}, 1},
		{[]Outcome{NoEffect, Worse}, 2},
		{[]Outcome{NoEffect, Helped}, 0},
		{[]Outcome{NoEffect, Helped, Worse}, 1},
		{[]Outcome{NoEffect, Unclear, NoEffect}, 2},
		{[]Outcome{NoEffect, NoEffect, Pending}, 2},
	}
	for _, test := range tests {
		if got := history(test.acts...).Unhelpful(); got != test.want {
			t.Errorf("%q: got %d, want %d", test.acts, got, test.want)
		}
	}
}

func TestRecovery(t *testing.T) {
	r, slow := Recovery{Unhelpful: 2, Quarantine: 24 * time.Hour}, history(Pending)
	slow.Last().FirstBlock = at(8)
	tests := []struct {
		name   string
		ledger *Ledger
		at     float64
		until  time.Time
	}{
		{"no act", &Ledger{}, 0, time.Time{}},
		{"one without an outcome", history(Pending), 5, at(11)},
		{"a moment before its time is over", history(Pending), 10.99, at(11)},
		{"its time is over", history(Pending), 11, time.Time{}},
		{"a block that was named late", slow, 12, at(14)},
		{"one that did not help", history(NoEffect), 20, time.Time{}},
		{"two that did not", history(NoEffect, Worse), 80, at(70 + 24*60)},
		{"at the end of the quarantine", history(NoEffect, Worse), 70 + 24*60, time.Time{}},
		{"two, and one that did", history(NoEffect, Worse, Helped), 140, time.Time{}},
		{"two, and one that is unclear", history(NoEffect, Worse, Unclear), 140, at(70 + 24*60)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var until time.Time
			if hold := r.Holds(at(test.at), test.ledger, time.Minute); hold != nil {
				until = hold.Until
			}
			if !until.Equal(test.until) {
				t.Errorf("holds until %s, want %s", until, test.until)
			}
		})
	}
}

// A node that went on by itself ends a row of acts that did not help.
func TestRowEndsWhereTheNodeWentOn(t *testing.T) {
	l := history(NoEffect, NoEffect, NoEffect)
	l.Acts[1].Later = at(75)
	if n := l.Unhelpful(); n != 1 {
		t.Errorf("got %d, want 1", n)
	}
}

// A node that goes on by itself ends the quarantine, and a person does.
func TestQuarantineEnds(t *testing.T) {
	r := Recovery{Unhelpful: 1, Quarantine: 24 * time.Hour}
	l := acted()
	l.Follow(at(10), seen(place(1000, 300)), leastWithin)
	if r.Holds(at(20), l, time.Minute) == nil {
		t.Fatal("no quarantine")
	}
	other := *l
	l.Follow(at(30), seen(place(1400, 101)), leastWithin)
	if r.Holds(at(30), l, time.Minute) == nil {
		t.Error("a node that is further behind than at the act ended it")
	}
	gaining := *l
	gaining.Follow(at(31), seen(place(1401, 5000), func(s *Sight) { s.Gains = true }), leastWithin)
	if hold := r.Holds(at(31), &gaining, time.Minute); hold != nil {
		t.Errorf("the node gains, and %s", hold.Why)
	}
	l.Follow(at(31), seen(place(1401, 100)), leastWithin)
	if hold := r.Holds(at(31), l, time.Minute); hold != nil {
		t.Errorf("the node went on, and %s", hold.Why)
	}
	other.Resume(at(40))
	if hold := r.Holds(at(40), &other, time.Minute); hold != nil {
		t.Errorf("a person resumed, and %s", hold.Why)
	}
}

func TestWithin(t *testing.T) {
	took := func(minutes ...int) *Ledger {
		l := &Ledger{}
		for _, m := range minutes {
			l.Acts = append(l.Acts, Act{Done: at(0), Outcome: Helped, Judged: at(float64(m))})
		}
		return l
	}
	tests := []struct {
		name     string
		recovery *Recovery
		ledger   *Ledger
		want     time.Duration
	}{
		{"nothing learned", &Recovery{}, took(), 10 * time.Minute},
		{"without the guard", nil, took(), 10 * time.Minute},
		{"as set", &Recovery{Within: time.Minute}, took(100), time.Minute},
		{"quick ones", &Recovery{}, took(1, 2, 3), 10 * time.Minute},
		{"a slow one", &Recovery{}, took(20), 30 * time.Minute},
		{"the slowest of ten does not count", &Recovery{}, took(1, 2, 3, 4, 5, 6, 7, 8, 20, 100), 30 * time.Minute},
		{"only the last ten count", &Recovery{}, took(100, 100, 1, 2, 3, 4, 5, 6, 7, 8, 20, 20), 30 * time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.recovery.WithinOf(test.ledger); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	acts := func(change func([]Act)) *Ledger {
		l := history(NoEffect, NoEffect, NoEffect) // at 0, 60 and 120 minutes
		change(l.Acts)
		return l
	}
	as := func(l []Act) {}
	tests := []struct {
		name   string
		ledger *Ledger
		at     float64
		spent  int
		holds  bool
	}{
		{"nothing", &Ledger{}, 0, 0, false},
		{"two of three", history(NoEffect, NoEffect), 70, 2, false},
		{"three of three", acts(as), 130, 3, true},
		{"the first is older", acts(as), 360, 2, false},
		{"the first is not yet", acts(as), 359.99, 3, true},
		{"a kill costs two", acts(func(l []Act) { l[0].Killed, l[0].Outcome = true, Helped; l[1].Forgiven = true }), 130, 3, true},
		{"one that helped, and health", acts(func(l []Act) { l[0].Outcome, l[0].Healthy = Helped, 30*time.Minute }), 130, 2, false},
		{"one that helped, and too little of it", acts(func(l []Act) { l[0].Outcome, l[0].Healthy = Helped, 30*time.Minute-1 }), 130, 3, true},
		{"health, though it did not help", acts(func(l []Act) { l[0].Healthy = time.Hour }), 130, 3, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, wait := range []bool{false, true} {
				b := Budget{Actions: 3, Per: 6 * time.Hour, Forgive: 30 * time.Minute, Wait: wait}
				hold := b.Holds(at(test.at), test.ledger)
				if got := b.Spent(at(test.at), test.ledger); got != test.spent || (hold != nil) != test.holds {
					t.Errorf("wait %t: spent %d, hold %v; want %d, %t", wait, got, hold, test.spent, test.holds)
				}
				if hold != nil && wait != !hold.Until.IsZero() {
					t.Errorf("wait %t: until %s", wait, hold.Until)
				}
			}
		})
	}
}

// A spent budget that is asked for one more act waits for a person, however old its
// acts become; one that waits does not.
func TestSpentBudgetWaitsForAPerson(t *testing.T) {
	for _, wait := range []bool{false, true} {
		b := Budget{Actions: 3, Per: 6 * time.Hour, Forgive: 30 * time.Minute, Wait: wait}
		l := history(NoEffect, NoEffect, NoEffect)
		b.Follow(at(125), l, false)
		if !l.SpentAt.IsZero() {
			t.Fatal("nothing asked")
		}
		b.Follow(at(130), l, true)
		if hold := b.Holds(at(600), l); (hold == nil) != wait {
			t.Errorf("wait %t: ten hours later %v", wait, hold)
		}
		l.Resume(at(601))
		if hold := b.Holds(at(601), l); hold != nil {
			t.Errorf("wait %t: after a person %v", wait, hold)
		}
	}
}

// Health counts from an act that helped, over checks that show it; illness begins it
// anew, and what was forgiven stays so.
func TestHealth(t *testing.T) {
	b := Budget{Actions: 1, Per: 6 * time.Hour, Forgive: 30 * time.Minute}
	l := acted()
	healthy := func(s *Sight) { s.Healthy = true }
	ill := func(s *Sight) { s.Ill = true }
	minute := 1.0
	follow := func(n int, change func(*Sight)) {
		for range n {
			l.Follow(at(minute), seen(place(1000+int(minute), 0), change), leastWithin)
			b.Follow(at(minute), l, false)
			minute++
		}
	}
	follow(20, healthy)
	follow(1, ill)
	follow(30, healthy)
	if b.Holds(at(minute), l) == nil {
		t.Error("forgiven after 29 minutes")
	}
	follow(2, healthy)
	if hold := b.Holds(at(minute), l); hold != nil {
		t.Errorf("not forgiven after 31 minutes: %s", hold.Why)
	}
	follow(1, ill)
	if hold := b.Holds(at(minute), l); hold != nil {
		t.Errorf("a later illness takes it back: %s", hold.Why)
	}
	l.Follow(at(500), seen(place(9000, 0), healthy), leastWithin)
	if a := l.Last(); a.Healthy > 40*time.Minute {
		t.Errorf("hours without a check count as health: %s", a.Healthy)
	}
}

func TestCrashLoop(t *testing.T) {
	c := CrashLoop{Starts: 4, Per: 15 * time.Minute}
	loop := func(by ...string) *Ledger {
		l := &Ledger{}
		for i, who := range by {
			l.Started(Start{At: at(float64(i)), StartedAt: at(float64(i)), By: who, Ran: 40 * time.Second, ExitCode: new(1)})
		}
		return l
	}
	ours := loop("", "", "", "")
	ours.Acts = []Act{{Ask: Ask{At: at(2)}, Done: at(2.5)}} // whose run begins at 2 or at 3
	policy := loop(ByPolicy, ByPolicy, ByPolicy, ByPolicy)
	policy.Acts = ours.Acts
	tests := []struct {
		name   string
		ledger *Ledger
		at     float64
		want   string
	}{
		{"three starts", loop("", "", ""), 3, ""},
		{"four", loop("", "", "", ""), 3, "was started 4 times within 15m0s, and not by headwatch: ran 40s (exit code 1), ran 40s (exit code 1), ran 40s (exit code 1)"},
		{"four, by calls", loop(ByCall, ByCall, ByCall, ByCall), 3, "was started 4 times within 15m0s, and not by headwatch: ran 40s (exit code 1), ran 40s (exit code 1), ran 40s (exit code 1)"},
		{"four, of which the first is older", loop("", "", "", ""), 15, ""},
		{"four, of which one is ours", ours, 3, ""},
		{"four by the policy, one of them right after an act", policy, 3, "was started 4 times within 15m0s, and not by headwatch: ran 40s (exit code 1), ran 40s (exit code 1), ran 40s (exit code 1)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if hold := c.Holds(at(test.at), test.ledger); hold != nil {
				got = hold.Why
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCauseOutlivesTheRun(t *testing.T) {
	tests := []struct {
		name  string
		cause Cause
		at    float64
		sight Sight
		known bool
	}{
		{"no progress", Cause{Height: new(uint64(1000))}, 5, seen(place(1000, 9)), true},
		{"progress", Cause{Height: new(uint64(1000))}, 5, seen(place(1001, 9)), false},
		{"nothing known of the height", Cause{}, 5, seen(place(7, 9)), true},
		{"a rise since", Cause{Rose: new(uint64(6))}, 5, seen(place(7, 9)), false},
		{"a run of an hour", Cause{}, 60, seen(place(-1, -1)), false},
		{"nearly", Cause{}, 59.9, seen(place(-1, -1)), true},
		{"an hour, but down", Cause{}, 60, seen(place(-1, -1), func(s *Sight) { s.Down = true }), true},
		{"another version", Cause{Version: "1"}, 5, seen(place(-1, -1), func(s *Sight) { s.Version = "2" }), false},
		{"the same version", Cause{Version: "1"}, 5, seen(place(-1, -1), func(s *Sight) { s.Version = "1" }), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := &Ledger{Cause: &test.cause}
			l.Follow(at(test.at), test.sight, leastWithin)
			if (l.Cause != nil) != test.known {
				t.Errorf("known: %t, want %t", l.Cause != nil, test.known)
			}
		})
	}
}

// No more than the newest are kept, and a start once.
func TestLedgerIsBounded(t *testing.T) {
	l := &Ledger{}
	for i := range 200 {
		l.Did(at(float64(i)), Stop{})
		l.Started(Start{At: at(float64(i)), StartedAt: at(float64(i))})
		l.Started(Start{At: at(float64(i) + 0.1), StartedAt: at(float64(i))})
	}
	if len(l.Acts) != mostActs || len(l.Starts) != mostStarts || !l.Last().Done.Equal(at(199)) {
		t.Errorf("%d acts up to %s, %d starts", len(l.Acts), l.Last().Done, len(l.Starts))
	}
	if got := l.StartsLastHour(at(199)); got != 60 {
		t.Errorf("%d starts in an hour, want 60", got)
	}
}

func TestTallies(t *testing.T) {
	l := &Ledger{}
	add := func(rule string, o Outcome, seconds int) {
		l.Acts = append(l.Acts, Act{Ask: Ask{Rule: rule}, Done: start, Outcome: o, Judged: start.Add(time.Duration(seconds) * time.Second)})
	}
	add("sync_stall", Helped, 74)
	add("sync_stall", Helped, 30)
	add("sync_stall", Helped, 300)
	add("sync_stall", Worse, 600)
	add("sync_stall", Unclear, 600)
	add("sync_stall", Pending, 0)
	add("block_lag.severe", NoEffect, 600)
	var got []string
	for _, tally := range l.Tallies() {
		got = append(got, tally.String())
	}
	if diff := cmp.Diff([]string{"block_lag.severe: 0 of 1 acts helped", "sync_stall: 3 of 4 acts helped, median 1m14s"}, got); diff != "" {
		t.Error(diff)
	}
}
