package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// expectation is an expect block: what the checks at some times, or of a span,
// should come to.
type expectation struct {
	block block
	// at are single times; empty for every check from one time to another,
	// where they are given.
	at             []moment
	from, to       moment
	hasFrom, hasTo bool

	// wants are the plain attributes that are given.
	wants map[string]*formula
	holds *formula
}

// The attributes of an expectation, beside its times and holds.
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

// factRoot stands before the name of a fact that a parser gives.
const factRoot = "fact"

func wanted() []string {
	return []string{wantVerdict, wantRule, wantGuard, wantReason, wantSays, wantFacts, wantSteps}
}

func (b block) readExpectation() *expectation {
	e := &expectation{block: b, wants: map[string]*formula{}}
	b.check(slices.Concat([]string{"at", "from", "to"}, wanted(), []string{wantHolds}), nil)
	e.at, _ = b.someMoments("at")
	e.from, e.hasFrom = b.moment("from")
	e.to, e.hasTo = b.moment("to")
	_, single := b.body.Attributes["at"]
	if single && (e.hasFrom || e.hasTo) {
		b.fail(b.at, "at is for single checks, from and to are for every check of a span.", "expect has at beside from or to")
	}
	for _, name := range wanted() {
		if attribute, given := b.body.Attributes[name]; given {
			if f, ok := b.formula(attribute); ok {
				e.wants[name] = f
			}
		}
	}
	if attribute, given := b.body.Attributes[wantHolds]; given {
		e.holds, _ = b.formula(attribute, factNames()...)
	}
	if len(e.wants) == 0 && e.holds == nil && !b.found.HasErrors() {
		b.fail(b.at, `Write verdict = "ok", rule, reason, says, guard, facts, steps or holds.`, "expect expects nothing")
	}
	e.checkWords()
	return e
}

func factNames() []string {
	names := []string{factRoot}
	for _, fact := range rule.BuiltIn() {
		names = append(names, fact.Name)
	}
	return names
}

// checkWords finds the mistakes that would never be met by any check.
func (e *expectation) checkWords() {
	b := e.block
	rulings := []string{string(rule.OK), string(rule.Act), string(rule.Held), string(rule.Unknown)}
	if f := e.wants[wantVerdict]; f != nil && !f.varies() {
		if text := b.text(wantVerdict); !slices.Contains(rulings, text) {
			b.fail(f.expr.Range(), hcltext.Suggest(text, rulings, "There are"), "there is no verdict %q", text)
		}
	}
	e.checkKeys(wantFacts, "facts = { lag = 120 }", func(item hclsyntax.ObjectConsItem, name string) {
		if !rule.IsCustom(name) && !slices.Contains(factNames()[1:], name) {
			b.fail(item.KeyExpr.Range(), hcltext.Suggest(name, factNames()[1:], `The facts are "fact.NAME",`), "there is no fact %q", name)
		}
	})
	e.checkKeys(wantSteps, `steps = { sync_stall = "fires" }`, func(item hclsyntax.ObjectConsItem, _ string) {
		value, diags := item.ValueExpr.Value(nil)
		text, ok := toText(value)
		if !diags.HasErrors() && (!ok || !slices.Contains(results(), text)) {
			b.fail(item.ValueExpr.Range(), hcltext.Suggest(text, results(), "It comes to"), "no rule comes to %q", text)
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
		e.block.fail(f.expr.Range(), "Write "+example+".", "%s must be a map of values", name)
		return
	}
	for _, item := range object.Items {
		key, diags := item.KeyExpr.Value(nil)
		if text, ok := toText(key); ok && !diags.HasErrors() {
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
	switch name {
	case wantFacts:
		return compareFacts(value, v.Facts)
	case wantSteps:
		return compareSteps(value, v.Steps)
	}
	want, _ := toText(value)
	got, contained := "", false
	switch name {
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
	return []Difference{{What: name, Want: orNone(want), Got: orNone(got)}}
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// compareFacts compares facts by their values; null stands for unknown, "inf"
// for a time without end.
func compareFacts(value cty.Value, facts rule.Facts) []Difference {
	var all []Difference
	if !value.CanIterateElements() {
		return nil
	}
	wants := value.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(wants)) {
		fact := facts.Get(name)
		want, got := factText(wants[name]), factText(factValue(fact))
		if want == got {
			continue
		}
		if !fact.Known {
			got = "unknown: " + fact.Missing
		}
		all = append(all, Difference{What: "facts." + name, Want: want, Got: got})
	}
	return all
}

// factValue is a fact in an expression: an unknown one is null.
func factValue(fact rule.Fact) cty.Value {
	switch {
	case !fact.Known:
		return cty.NullVal(cty.DynamicPseudoType)
	case fact.Kind == rule.Truth:
		return cty.BoolVal(fact.Truth)
	case fact.Kind == rule.Text:
		return cty.StringVal(fact.Text)
	case fact.Kind == rule.Blocks:
		return cty.NumberUIntVal(fact.Count)
	}
	return cty.NumberFloatVal(fact.Number)
}

// factText writes a value so that equal ones are written alike: a number to the
// millionth, as replay prints it.
func factText(value cty.Value) string {
	if value.IsNull() {
		return "unknown"
	}
	if value.Type() == cty.Number {
		number := value.AsBigFloat()
		if number.IsInf() {
			return "inf"
		}
		if number.IsInt() {
			return number.Text('f', 0)
		}
		text := strings.TrimRight(number.Text('f', 6), "0")
		return strings.TrimSuffix(text, ".")
	}
	if text, ok := toText(value); ok {
		return text
	}
	return "a " + value.Type().FriendlyName()
}

// compareSteps compares what rules came to, by their names.
func compareSteps(value cty.Value, steps []rule.Step) []Difference {
	if !value.CanIterateElements() {
		return nil
	}
	var all []Difference
	wants := value.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(wants)) {
		want, _ := toText(wants[name])
		got, saw := "no such rule", ""
		if at := slices.IndexFunc(steps, func(s rule.Step) bool { return s.Rule == name }); at >= 0 {
			got, saw = steps[at].Result, " ("+steps[at].Saw+")"
		}
		if got != want {
			all = append(all, Difference{What: "steps." + name, Want: want, Got: got + saw})
		}
	}
	return all
}

// judgeCondition evaluates holds over the facts of a check.
func (e *expectation) judgeCondition(o occasion, v rule.Verdict) ([]Difference, hcl.Diagnostics) {
	context, diags := e.holds.context(o)
	if diags.HasErrors() {
		return nil, diags
	}
	maps.Copy(context.Variables, factValues(v.Facts))
	var saw []string
	unknown := false
	for _, name := range e.reads() {
		fact := v.Facts.Get(name)
		unknown = unknown || !fact.Known
		saw = append(saw, fmt.Sprintf("%s %s", name, fact))
	}
	value, diags := e.holds.expr.Value(context)
	if diags.HasErrors() && !unknown {
		text, hint := hcltext.Reason(diags[0])
		saw = append(saw, text+": "+hint)
	}
	truth, err := convert.Convert(value, cty.Bool)
	if err == nil && !diags.HasErrors() && truth.IsKnown() && !truth.IsNull() && truth.True() {
		return nil, nil
	}
	want := strings.Join(strings.Fields(string(e.holds.expr.Range().SliceBytes(e.block.src))), " ")
	return []Difference{{What: wantHolds, Want: want, Got: strings.Join(saw, "; ")}}, nil
}

// factValues are the facts as the names of an expression.
func factValues(facts rule.Facts) map[string]cty.Value {
	values, custom := map[string]cty.Value{}, map[string]cty.Value{}
	for _, fact := range facts {
		if name, isCustom := strings.CutPrefix(fact.Name, factRoot+"."); isCustom {
			custom[name] = factValue(fact)
		} else {
			values[fact.Name] = factValue(fact)
		}
	}
	values[factRoot] = cty.ObjectVal(custom)
	return values
}

// reads names the facts that holds reads, each once.
func (e *expectation) reads() []string {
	var names []string
	for _, variable := range e.holds.expr.Variables() {
		name := variable.RootName()
		if name == factRoot && len(variable) > 1 {
			if step, ok := variable[1].(hcl.TraverseAttr); ok {
				name += "." + step.Name
			}
		}
		if slices.Contains(factNames(), variable.RootName()) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
