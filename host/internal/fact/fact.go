package fact

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is the type of a fact's value.
type Kind int

// The kinds of facts.
const (
	// Blocks is a block number or a number of blocks.
	Blocks Kind = iota
	// Seconds is a time; it may be infinite.
	Seconds
	// Number is any other number.
	Number
	// Truth is a yes or no.
	Truth
	// Text is a word.
	Text
)

// BuiltIn lists the built-in facts in the order they are shown in. A fact that
// a parser gives besides is named fact.NAME.
func BuiltIn() List {
	return List{
		{Name: "lag", Kind: Blocks},
		{Name: "best", Kind: Blocks},
		{Name: "head_age", Kind: Seconds},
		{Name: "synced", Kind: Blocks},
		{Name: "finalized", Kind: Blocks},
		{Name: "caught_up", Kind: Blocks},
		{Name: "sync_rate", Kind: Number},
		{Name: "eta", Kind: Seconds},
		{Name: "stalled_for", Kind: Seconds},
		{Name: "falling_behind", Kind: Truth},
		{Name: "major_sync", Kind: Truth},
		{Name: "producing", Kind: Truth},
		{Name: "session", Kind: Blocks},
		{Name: "uptime", Kind: Seconds},
		{Name: "log_age", Kind: Seconds},
		{Name: "since_action", Kind: Seconds},
		{Name: "heads", Kind: Number},
		{Name: "corroborated", Kind: Truth},
		{Name: "head_spread", Kind: Blocks},
		{Name: "block_time", Kind: Number},
		{Name: "lag_time", Kind: Seconds},
		{Name: "network_stalled_for", Kind: Seconds},
		{Name: "network_finalized", Kind: Blocks},
		{Name: "gain", Kind: Number},
		{Name: "converging", Kind: Truth},
		{Name: "starts", Kind: Number},
		{Name: "unhelpful", Kind: Number},
		{Name: "node_best", Kind: Blocks},
		{Name: "node_syncing", Kind: Truth},
		{Name: "node_peers", Kind: Number},
		{Name: "node_age", Kind: Seconds},
	}
}

// Fact is a value that rules read.
type Fact struct {
	Name string
	Kind Kind
	// Known says whether there is a value; without it Missing says why.
	Known   bool
	Missing string
	// Count is the value of Blocks, Number that of Seconds and Number, Truth
	// and Text those of their kinds.
	Count  uint64
	Number float64
	Truth  bool
	Text   string
	// At is when the value was read or last confirmed; zero for one that is
	// computed at the check.
	At time.Time
}

// Infinite says whether the fact is a number without end.
func (f Fact) Infinite() bool { return math.IsInf(f.Number, 1) }

// List is the values of one check: the built-in ones in their order, then
// those of the parser by name.
type List []Fact

// Get finds a fact by its name. A fact.NAME that no line ever gave is unknown.
func (l List) Get(name string) Fact {
	for _, f := range l {
		if f.Name == name {
			return f
		}
	}
	return Fact{Name: name, Kind: Number, Missing: "no line gave it"}
}

// Lacking names the needed facts that are unknown.
func (l List) Lacking(needs []string) []Fact {
	var missing []Fact
	for _, name := range needs {
		if f := l.Get(name); !f.Known {
			missing = append(missing, f)
		}
	}
	slices.SortFunc(missing, func(a, b Fact) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(missing, func(a, b Fact) bool { return a.Name == b.Name })
}

// CustomPrefix stands before the name of a fact that a parser gives.
const CustomPrefix = "fact."

// IsCustom says whether name is one of a parser's facts.
func IsCustom(name string) bool { return strings.HasPrefix(name, CustomPrefix) }

// String renders a fact for a sentence: times in whole seconds, without a unit.
func (f Fact) String() string {
	switch {
	case !f.Known:
		return "unknown"
	case f.Infinite():
		return "inf"
	case f.Kind == Blocks:
		return strconv.FormatUint(f.Count, 10)
	case f.Kind == Truth:
		return strconv.FormatBool(f.Truth)
	case f.Kind == Text:
		return f.Text
	case f.Kind == Seconds:
		return strconv.FormatFloat(math.Trunc(f.Number), 'f', 0, 64)
	}
	return strconv.FormatFloat(f.Number, 'f', -1, 64)
}

// Period renders a time for a sentence, in whole seconds.
func Period(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) + "s" }
