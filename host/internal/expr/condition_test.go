package expr

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// knownFacts are the facts of a check at which all is known.
func knownFacts() fact.List {
	return fact.List{
		{Name: "lag", Kind: fact.Blocks, Known: true, Count: 120},
		{Name: "synced", Kind: fact.Blocks, Known: true, Count: math.MaxUint64},
		{Name: "eta", Kind: fact.Seconds, Known: true, Number: math.Inf(1)},
		{Name: "sync_rate", Kind: fact.Number, Known: true, Number: 1.0 / 3},
		{Name: "log_age", Kind: fact.Seconds, Known: true, Number: 930.7},
		{Name: "stalled_for", Kind: fact.Seconds, Known: true, Number: 180},
		{Name: "producing", Kind: fact.Truth, Known: true, Truth: true},
		{Name: "major_sync", Kind: fact.Truth, Known: true},
		{Name: "session", Kind: fact.Blocks, Missing: "no line names it"},
		{Name: "fact.peers", Kind: fact.Number, Known: true, Number: 3},
		{Name: "fact.state", Kind: fact.Text, Known: true, Text: "idle"},
		{Name: "fact.odd", Kind: fact.Number, Known: true, Number: math.NaN()},
	}
}

// file reads a file that holds what a rule may say.
func file(t testing.TB, body string) hcltext.Section {
	t.Helper()
	env := func(name string) (string, bool) {
		return map[string]string{"LIMIT": "100", "LONG": "200"}[name], true
	}
	language := hcltext.Language{Functions: Functions(env), MaxSize: 10000, WordHint: WordHint, TextHint: TextHint, Grammar: hcltext.Grammar{Attributes: []hcltext.Attribute{
		{Name: "when", Type: TypeCondition, Required: true},
		{Name: "unless", Type: TypeCondition, Default: "producing"},
		{Name: "message", Type: TypeMessage},
		{Name: "lag_above", Type: hcltext.TypeCount, OverFacts: true, Default: "100"},
	}}}
	top, ok := language.Parse("a.hcl", []byte(body+"\n"))
	if !ok {
		t.Fatal(top.TakeFound())
	}
	return top
}

// when compiles a condition.
func when(t testing.TB, text string) ruleset.Condition {
	t.Helper()
	s := file(t, "when = "+text)
	c := ReadCondition(s, "when")
	if found := s.TakeFound(); found.HasErrors() {
		t.Fatal(found)
	}
	return c
}

func TestConditionHolds(t *testing.T) {
	tests := []struct {
		when string
		want bool
	}{
		{`lag > 100`, true},
		{`lag > env("LIMIT")`, true},
		{`lag > env("NONE", 120)`, false},
		{`lag > "119.5"`, true},
		{`synced == 18446744073709551615`, true},
		{`eta > 1000000000`, true},
		{`eta < duration("1h")`, false},
		{`eta == eta + 1`, true},
		{`floor(eta) > 0 && round(eta) > 0 && min(eta, 5) == 5`, true},
		{`log_age > duration("15m")`, true},
		{`log_age > duration(env("NONE", "16m"))`, false},
		{`producing && !major_sync`, true},
		{`major_sync || lag < 5`, false},
		{`producing ? lag > 100 : lag > 1000`, true},
		{`stalled_for / 60 == 3`, true},
		{`fact.peers < 4`, true},
		{`fact["peers"] < 4 && fact.state == "idle"`, true},
		{`contains(["idle", "stuck"], fact.state)`, true},
		{`jsonencode("${fact.state}") == "\"idle\""`, true},
		{`upper("${fact.state}!") == "IDLE!"`, true},
		{`round(sync_rate * 10) == 3 && round(-2.5) == -3`, true},
		{`lag / (lag - 120) > 5`, true},
		{`true`, true},
		{`!producing || lag >= 120 && lag <= 120`, true},
		{`lag>100&&producing`, true},
		{"(\nlag > 100 &&\n(producing ||\nmajor_sync)\n)", true},
		{`(lag > 100 && producing) || session < 7`, true},
		{`lag != 120 || session != 7`, false},
		{`producing == !major_sync`, true},
		{`fact.state != "stuck" && fact.peers != 4`, true},
		{`(producing ? 50 : 200) < lag`, true},
		{`producing ? (major_sync ? lag < 5 : lag > 5) : false`, true},
		{`producing ? env("NONE", "true") : lag > 5`, true},
		{`lag > (producing ? env("LIMIT") : 5)`, true},
		{`lag == tonumber("120")`, true},
		{`abs(0 - lag) == 120 && ceil(sync_rate) == 1`, true},
		{`max(lag, session, 5) == 120 && min(lag, session, 5) == 5`, true},
		{`max([lag, session]...) == 120`, true},
		{`lag % 7 == 1 && -lag < 0`, true},
		{`coalesce(fact.state, "none") == "idle"`, true},
		{`contains([1, lag, fact.peers], 120)`, true},
		{`contains(split(",", "idle,stuck"), fact.state)`, true},
		{`length(split("d", fact.state)) == 2`, true},
		{`length(concat([lag], [session])) == 2`, true},
		{`join("-", [fact.state, "x"]) == "idle-x"`, true},
		{`lower("IDLE") == fact.state && trimprefix(fact.state, "id") == "le"`, true},
		{`trimsuffix(trimspace(" ${fact.state} "), "le") == "id"`, true},
		{`replace(fact.state, "idle", "busy") == "busy"`, true},
		{`format("%d of %s", lag, fact.state) == "120 of idle"`, true},
		{`format("%.1f", log_age) == "930.7"`, true},
		{`"${lag}s" == "120s"`, true},
		{`"${lag > 100}"`, true},
		{`duration(lag) == 120 && duration("2m") == lag`, true},
		{`log_age > duration("15m") && log_age < duration("1h30m")`, true},
	}
	session := fact.Fact{Name: "session", Kind: fact.Blocks, Known: true, Count: 7}
	facts := append(fact.List{session}, knownFacts()...)
	for _, test := range tests {
		t.Run(test.when, func(t *testing.T) {
			got, err := when(t, test.when).Holds(facts)
			if err != nil || got != test.want {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestConditionCannotBeTold(t *testing.T) {
	tests := []struct{ when, want string }{
		{`fact.state > 5`, `evaluate fact.state > 5: unsuitable value for left operand: a number is required`},
		{`fact.peers`, `evaluate fact.peers: it is 3, neither true nor false`},
		{`session > 5`, `evaluate session > 5: session is unknown`},
		{`fact.never > 5`, `evaluate fact.never > 5: fact.never is unknown`},
		{`fact.odd > 5`, `evaluate fact.odd > 5: fact.odd is not a number`},
		{`eta - eta > 5`, `evaluate eta - eta > 5: can't subtract infinity from itself (with eta inf)`},
		{`eta % 7 > 5`, `evaluate eta % 7 > 5: these values have no result (with eta inf)`},
		{`floor(eta) % 2 == 0`, `evaluate floor(eta) % 2 == 0: these values have no result (with eta inf)`},
		{`lag / (lag - 120) % 7 > 1`, `evaluate lag / (lag - 120) % 7 > 1: these values have no result`},
	}
	for _, test := range tests {
		t.Run(test.when, func(t *testing.T) {
			holds, err := when(t, test.when).Holds(knownFacts())
			if err == nil || holds || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, %v; want %s", holds, err, test.want)
			}
		})
	}
}

// TestNoStackInAnError: what cannot be computed is said in a few words, whatever
// is computed with.
func TestNoStackInAnError(outer *testing.T) {
	rapid.Check(outer, func(t *rapid.T) {
		operands := rapid.SampledFrom([]string{"eta", "lag", "(lag - 120)", "sync_rate", "floor(eta)", "round(-eta)", "fact.peers", "fact.state", "1e999", "synced"})
		operators := rapid.SampledFrom([]string{"+", "-", "*", "/", "%"})
		text := operands.Draw(t, "a")
		for range rapid.IntRange(1, 4).Draw(t, "operators") {
			text = "(" + text + " " + operators.Draw(t, "operator") + " " + operands.Draw(t, "operand") + ")"
		}
		for _, form := range []string{" > 5", " == max(eta, lag)", " >= abs(lag)"} {
			if _, err := when(outer, text+form).Holds(knownFacts()); err != nil && (len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\n\t")) {
				t.Fatal(err)
			}
		}
		s := file(outer, "message = \"${"+text+"}\"")
		if said := ReadMessage(s, "message", "").Text(knownFacts()); len(said) > 300 {
			t.Fatal(said)
		}
	})
}

func TestConditionNeeds(t *testing.T) {
	tests := []struct {
		when string
		want []string
	}{
		{`lag > 5`, []string{"lag"}},
		{`producing ? lag > 5 : (eta > lag && fact.peers < 3) || fact["peers"] > 9`, []string{"eta", "fact.peers", "lag", "producing"}},
		{`max(floor(log_age), uptime) > 5`, []string{"log_age", "uptime"}},
		{`"${fact.state}" == "idle"`, []string{"fact.state"}},
		{`true`, nil},
	}
	for _, test := range tests {
		t.Run(test.when, func(t *testing.T) {
			got := when(t, test.when).Needs()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConditionNeedsAreAll(outer *testing.T) {
	rapid.Check(outer, func(t *rapid.T) {
		a := rapid.SampledFrom(fact.BuiltIn()).Draw(t, "a")
		b := rapid.SampledFrom(fact.BuiltIn()).Draw(t, "b")
		operator := rapid.SampledFrom([]string{"&&", "||"}).Draw(t, "operator")
		known := fact.List{{Name: a.Name, Kind: a.Kind, Known: true}, {Name: b.Name, Kind: b.Kind, Known: true}}
		when := when(outer, conditionOn(a)+operator+conditionOn(b))
		if _, err := when.Holds(known); err != nil {
			t.Fatalf("%v needs %v: %v", when, when.Needs(), err)
		}
	})
}

// conditionOn is a condition on one fact.
func conditionOn(f fact.Fact) string {
	if f.Kind == fact.Truth {
		return " !" + f.Name + " "
	}
	return " " + f.Name + " > 5 "
}

func TestMessage(t *testing.T) {
	tests := []struct{ message, want string }{
		{`"nothing in it"`, "nothing in it"},
		{`"lag ${lag}, eta ${eta}s"`, "lag 120, eta infs"},
		{`"no log line for ${floor(log_age)}s, session ${session}"`, "no log line for 930s, session unknown"},
		{`"${session + 1} of ${fact.never}, ${fact.odd}"`, "unknown of unknown, unknown"},
		{`"rate ${sync_rate}, ${log_age}, ${stalled_for}, ${sync_rate / 1000}, ${0.1 + 0.2}"`, "rate 0.33, 930.7, 180, 0.00033, 0.3"},
		{`"big ${synced}, minus ${-lag}"`, "big 18446744073709551615, minus -120"},
		{`"${producing ? "busy" : "idle"} ${major_sync}"`, "busy false"},
		{`"%{ if producing }busy%{ else }idle%{ endif } now"`, "busy now"},
		{`lag`, "120"},
		{`"${fact.state}"`, "idle"},
		{`"${fact.state + 1}!"`, "unknown!"},
		{`format("%d blocks, %.1f s", lag, log_age)`, "120 blocks, 930.7 s"},
		{"<<-END\n  two\n  lines\n  END\n", "two lines"},
	}
	for _, test := range tests {
		t.Run(test.message, func(t *testing.T) {
			s := file(t, "message = "+test.message)
			got := ReadMessage(s, "message", "").Text(knownFacts())
			if found := s.TakeFound(); len(found) > 0 {
				t.Error(found)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
