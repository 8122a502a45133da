package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// wantedActs are all acts that there should be: their times, or their number.
type wantedActs struct {
	name   string
	at     hcl.Range
	times  []moment
	number int
}

// readActs reads acts = ["25m"] or actions = 1; nil where neither is given.
func (b block) readActs() *wantedActs {
	_, hasTimes := b.body.Attributes["acts"]
	number, hasNumber := b.body.Attributes["actions"]
	switch {
	case hasTimes && hasNumber:
		b.fail(number.NameRange, "acts gives their times, actions their number.", "%s has both acts and actions", b.what)
	case hasTimes:
		times, _ := b.moments("acts")
		return &wantedActs{name: "acts", at: b.body.Attributes["acts"].Range(), times: times, number: len(times)}
	case hasNumber:
		value, at, ok := b.fixed("actions")
		count, err := toMoment(value)
		if !ok || err != nil || count.after < 0 || count.after%time.Second != 0 {
			b.fail(at, "", "actions must be a whole number, 0 or above")
		}
		return &wantedActs{name: "actions", at: number.Range(), number: int(count.after / time.Second)}
	}
	return nil
}

// judge compares them with the acts that came, in a history with this start.
func (w *wantedActs) judge(got []time.Duration, start time.Time) []Difference {
	if w.name == "actions" {
		if len(got) == w.number {
			return nil
		}
		return []Difference{{What: w.name, Want: fmt.Sprint(w.number), Got: fmt.Sprintf("%d (%s)", len(got), offsets(got))}}
	}
	want := distances(w.times, start)
	slices.Sort(want)
	if slices.Equal(want, got) {
		return nil
	}
	return []Difference{{What: w.name, Want: offsets(want), Got: offsets(got)}}
}
