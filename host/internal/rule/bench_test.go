package rule_test

import (
	"testing"
	"time"

	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
)

// BenchmarkCheck is what the engine costs at a check as a monitor makes it: what was
// seen, a copy to explain the verdict with, the verdict, and what is kept of it.
func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	e := New(DropIn())
	e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
	now, height := Start, uint64(1000000)
	for b.Loop() {
		now, height = now.Add(time.Minute), height+10
		e.Observe(now, Head{Source: "one", Best: height, BlockTime: now})
		e.Observe(now, Log{Lines: 10, Last: now, Events: []Event{{Time: now, Kind: BlockImported, Number: height}}})
		e.Observe(now, Target{Exists: true, Running: true, StartedAt: Began})
		e.Clone()
		if v := e.Check(now); v.Kind != OK {
			b.Fatal(v.Reason)
		}
		memory := e.Snapshot().Memory()
		memory.Times(func(t time.Time) time.Time { return t })
	}
}
