package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// expectation is an expect block: the wanted results of the checks at some times, or
// of all checks from one time to another.
type expectation struct {
	section hcltext.Section
	// at are single times; empty for every check from one time to another,
	// where they are given.
	at             []moment
	from, to       moment
	hasFrom, hasTo bool

	// wants are the plain attributes that are given.
	wants map[string]*formula
	holds *formula
}

// The attributes of an expectation, beside its times.
const (
	wantVerdict = "verdict"
	wantRule    = "rule"
	wantReason  = "reason"
	wantSays    = "says"
	wantGuard   = "guard"
	wantFacts   = "facts"
	wantSteps   = "steps"
	wantHolds   = "holds"
)

func wanted() []string {
	return []string{wantVerdict, wantRule, wantGuard, wantReason, wantSays, wantFacts, wantSteps}
}

func readExpectation(s hcltext.Section, names *values) *expectation {
	e := &expectation{section: s, wants: map[string]*formula{}}
	e.at, _ = readMoments(s, "at")
	e.from, e.hasFrom = readMoment(s, "from")
	e.to, e.hasTo = readMoment(s, "to")
	switch at := s.Written("at"); {
	case at != nil && (e.hasFrom || e.hasTo):
		s.Fail(s.Range, "at is for single checks, from and to are for every check of a span.", "expect has at beside from or to")
	case at != nil && len(e.at) == 0 && !s.ErrorIn(at.SrcRange):
		s.Fail(at.Expr.Range(), "", "at names no time")
	}
	for _, attribute := range s.Attributes() {
		if slices.Contains(wanted(), attribute.Name) {
			e.wants[attribute.Name] = names.formula(s.File, attribute)
		}
	}
	if attribute := s.Written(wantHolds); attribute != nil {
		e.holds = names.formula(s.File, attribute, append(expr.FactNames(), expr.FactRoot)...)
	}
	if len(e.wants) == 0 && e.holds == nil && !s.Found().HasErrors() {
		s.Fail(s.Range, `Write verdict = "ok", rule, reason, says, guard, facts, steps or holds.`, "expect expects nothing")
	}
	e.checkWords()
	return e
}

// checkWords finds the mistakes that would never be met by any check.
func (e *expectation) checkWords() {
	s := e.section
	verdicts := []string{string(rule.OK), string(rule.Act), string(rule.Held), string(rule.Unknown)}
	if f := e.wants[wantVerdict]; f != nil && !f.varies() {
		value, _ := f.value(occasion{})
		if text, _ := hcltext.ToText(value); !slices.Contains(verdicts, text) {
			s.Fail(f.expr.Range(), hcltext.Suggest(text, verdicts, "There are"), "there is no verdict %q", text)
		}
	}
	e.checkKeys(wantFacts, "facts = { lag = 120 }", func(item hclsyntax.ObjectConsItem, name string) {
		if !fact.IsCustom(name) && !slices.Contains(expr.FactNames(), name) {
			s.Fail(item.KeyExpr.Range(), hcltext.Suggest(name, expr.FactNames(), `The facts are "fact.NAME",`), "there is no fact %q", name)
		}
	})
	e.checkKeys(wantSteps, `steps = { sync_stall = "fires" }`, func(item hclsyntax.ObjectConsItem, _ string) {
		value, diags := item.ValueExpr.Value(nil)
		text, ok := hcltext.ToText(value)
		if !diags.HasErrors() && (!ok || !slices.Contains(results(), text)) {
			s.Fail(item.ValueExpr.Range(), hcltext.Suggest(text, results(), "It comes to"), "no rule comes to %q", text)
		}
	})
}

// results are what a rule may come to.
func results() []string {
	return []string{"fires", "waits", "no", "unknown", "off", "shadow", "decides"}
}

// checkKeys checks an attribute that is a map, item by item.
func (e *expectation) checkKeys(name, example string, check func(item hclsyntax.ObjectConsItem, key string)) {
	f := e.wants[name]
	if f == nil {
		return
	}
	object, ok := f.expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		e.section.Fail(f.expr.Range(), "Write "+example+".", "%s must be a map of values", name)
		return
	}
	for _, item := range object.Items {
		key, diags := item.KeyExpr.Value(nil)
		if text, ok := hcltext.ToText(key); ok && !diags.HasErrors() {
			check(item, text)
		}
	}
}

// Difference is one thing that is not as it was expected.
type Difference struct {
	What string `json:"what"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

// judge compares one check with what is expected of it.
func (e *expectation) judge(o occasion, v rule.Verdict) ([]Difference, hcl.Diagnostics) {
	var all []Difference
	for _, name := range wanted() {
		f := e.wants[name]
		if f == nil {
			continue
		}
		value, diags := f.value(o)
		if diags.HasErrors() {
			return nil, diags
		}
		all = append(all, compare(name, value, v)...)
	}
	if e.holds == nil {
		return all, nil
	}
	more, diags := e.judgeCondition(o, v)
	return append(all, more...), diags
}

func compare(name string, value cty.Value, v rule.Verdict) []Difference {
	want, _ := hcltext.ToText(value)
	got, contained := "", false
	switch name {
	case wantFacts:
		return compareItems(name, value, func(name string) (string, string) {
			return factText(expr.FactValue(v.Facts.Get(name))), missing(v.Facts.Get(name))
		})
	case wantSteps:
		return compareItems(name, value, func(name string) (string, string) { return resultOf(v.Steps, name) })
	case wantVerdict:
		got = string(v.Kind)
	case wantRule:
		got = v.Rule
	case wantGuard:
		got = v.Guard
	case wantReason:
		got, contained = v.Reason, true
	case wantSays:
		got, contained = strings.Join(v.Sentences, "\n"), true
	}
	if got == want || contained && strings.Contains(got, want) {
		return nil
	}
	if contained {
		want = "… " + want + " …"
	}
	return []Difference{{What: name, Want: hcltext.FirstOf(want, "none"), Got: hcltext.FirstOf(got, "none")}}
}

// compareItems compares a map of wanted values with what came, item by item. Where an
// item differs, more is appended to what came.
func compareItems(what string, wants cty.Value, came func(name string) (got, more string)) []Difference {
	if !wants.CanIterateElements() {
		return nil
	}
	var all []Difference
	items := wants.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(items)) {
		want := factText(items[name])
		if got, more := came(name); got != want {
			all = append(all, Difference{What: what + "." + name, Want: want, Got: got + more})
		}
	}
	return all
}

// missing says why a fact is not known.
func missing(f fact.Fact) string {
	if f.Known {
		return ""
	}
	return ": " + f.Missing
}

// resultOf is what a rule came to, and what it saw.
func resultOf(steps []ruleset.Step, name string) (result, saw string) {
	at := slices.IndexFunc(steps, func(s ruleset.Step) bool { return s.Rule == name })
	if at < 0 {
		return "no such rule", ""
	}
	return steps[at].Result, " (" + steps[at].Saw + ")"
}

// factText writes a value for a comparison: a number with six decimals, as replay
// prints it, and null as "unknown".
func factText(value cty.Value) string {
	if value.IsNull() {
		return "unknown"
	}
	if value.Type() == cty.Number {
		number := value.AsBigFloat()
		if number.IsInf() {
			return "inf"
		}
		text := number.Text('f', 6)
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	if text, ok := hcltext.ToText(value); ok {
		return text
	}
	return "a " + value.Type().FriendlyName()
}

// judgeCondition evaluates holds over the facts of a check.
func (e *expectation) judgeCondition(o occasion, v rule.Verdict) ([]Difference, hcl.Diagnostics) {
	context, diags := e.holds.context(o)
	if diags.HasErrors() {
		return nil, diags
	}
	maps.Copy(context.Variables, expr.Variables(v.Facts))
	var saw []string
	unknown := false
	for _, name := range expr.FactsOf(e.holds.expr) {
		f := v.Facts.Get(name)
		unknown = unknown || !f.Known
		saw = append(saw, fmt.Sprintf("%s %s", name, f))
	}
	value, diags := e.holds.expr.Value(context)
	if diags.HasErrors() && !unknown {
		text, hint := hcltext.Reason(diags[0])
		saw = append(saw, text+": "+hint)
	}
	if truth, _ := hcltext.ToText(value); truth == "true" && !diags.HasErrors() {
		return nil, nil
	}
	return []Difference{{What: wantHolds, Want: e.section.Source(e.holds.expr.Range()), Got: strings.Join(saw, "; ")}}, nil
}

// outcome is what became of one expectation in a history.
type outcome struct {
	*expectation
	// at, first and last are the times of the expectation from the start.
	at          []time.Duration
	first, last time.Duration
	// checked are the checks that it was about.
	checked map[time.Duration]bool
	// failed is the first of them that differs; more counts the others.
	failed *Failure
	more   int
}

func newOutcome(e *expectation, start time.Time) *outcome {
	return &outcome{expectation: e, at: distances(e.at, start), first: e.from.from(start), last: e.to.from(start), checked: map[time.Duration]bool{}}
}

// covers says whether the expectation is about the check at a time.
func (o *outcome) covers(at time.Duration) bool {
	if len(o.at) > 0 {
		return slices.Contains(o.at, at)
	}
	return (!o.hasFrom || at >= o.first) && (!o.hasTo || at <= o.last)
}

// span names the checks that the expectation is about.
func (o *outcome) span() string {
	switch {
	case o.hasFrom && o.hasTo:
		return "from " + Offset(o.first) + " to " + Offset(o.last)
	case o.hasFrom:
		return "from " + Offset(o.first)
	case o.hasTo:
		return "up to " + Offset(o.last)
	}
	return "at any time"
}

// wantedActs are all acts that there should be: their times, or their number.
type wantedActs struct {
	name   string
	at     hcl.Range
	times  []moment
	number int
	// counted says that their number is wanted.
	counted bool
}

// readActs reads acts = ["25m"] or acts = 1; nil where they are not given. A file
// of an earlier version has actions for the number.
func readActs(s hcltext.Section) *wantedActs {
	name := "acts"
	if s.Written(name) == nil {
		name = "actions"
	} else if s.Written("actions") != nil {
		s.Fail(s.Written("actions").NameRange, "Write acts alone: their times, or their number.", "%s has both acts and actions", s.What)
	}
	value, given := s.Raw(name)
	if s.Written(name) == nil {
		return nil
	}
	w := &wantedActs{name: name, at: s.Written(name).Range()}
	if given && value.Type() == cty.Number {
		count, ok := hcltext.ToCount(value)
		if !ok {
			s.Refuse(name, hcltext.WantCount, "")
		}
		w.number, w.counted = int(min(count, maxRecords)), true
		return w
	}
	w.times, _ = readMoments(s, name)
	return w
}

// judge compares them with the acts that came, in a history with this start.
func (w *wantedActs) judge(got []time.Duration, start time.Time) []Difference {
	want := distances(w.times, start)
	slices.Sort(want)
	switch {
	case w.counted && len(got) == w.number || !w.counted && slices.Equal(want, got):
		return nil
	case w.counted:
		return []Difference{{What: w.name, Want: fmt.Sprint(w.number), Got: fmt.Sprintf("%d (%s)", len(got), offsets(got))}}
	}
	return []Difference{{What: w.name, Want: offsets(want), Got: offsets(got)}}
}
