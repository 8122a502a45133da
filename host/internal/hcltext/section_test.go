package hcltext

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

// pumps is a small language: defaults, and pumps that may say the same.
func pumps() Language {
	hose := Grammar{Name: "hose", Attributes: []Attribute{
		{Name: "length", Type: TypeCount, Default: "10", Least: "1", Most: "50"},
		{Name: "colour", Type: sdk.TypeString, Allowed: []string{"red", "green"}},
	}}
	alarm := Grammar{Name: "alarm", Labelled: true, ReplacesDefault: true, Attributes: []Attribute{
		{Name: "after", Type: sdk.TypeDuration, Positive: true, ByLabel: map[string]string{"dry": `"5s"`, "wet": `"1m"`}},
		{Name: "text", Type: sdk.TypeString},
	}}
	pump := Grammar{Name: "pump", Labelled: true, Repeated: true, Blocks: []Grammar{hose, alarm}, Attributes: []Attribute{
		{Name: "power", Type: TypeCount, Required: true, Hint: "Write power = 100."},
		{Name: "tank", Type: TypeSize, Variable: "TANK"},
		{Name: "on", Type: sdk.TypeBool, Default: "true", Variable: "PUMP_ON", VariableWins: true},
	}}
	defaults := pump
	defaults.Name, defaults.Labelled, defaults.Repeated = "defaults", false, false
	env := func(name string) (string, bool) {
		return map[string]string{"TANK": " 2KB\r", "PUMP_ON": "", "EMPTY": " \n"}[name], true
	}
	return Language{Grammar: Grammar{Blocks: []Grammar{defaults, pump}}, Env: env, MaxSize: 10000}
}

func parse(t *testing.T, text string) Section {
	t.Helper()
	top, ok := pumps().Parse("a.hcl", []byte(text))
	if !ok {
		t.Fatal(top.TakeFound())
	}
	return top
}

func TestDefaultsUnderASection(t *testing.T) {
	top := parse(t, `
defaults {
  power = 100
  hose {
    length = 20
    colour = "red"
  }
  alarm "dry" {
    after = "9s"
    text  = "dry!"
  }
}
pump "a" {
  power = null
  hose {
    length = 30
  }
  alarm "wet" {
  }
  alarm "dry" {
    text = "no water"
  }
}
`)
	s := top.Child("pump", "a").WithDefaults(top.Child("defaults"))
	hose := s.Child("hose")
	got := []any{s.Count("power"), hose.Count("length"), hose.Text("colour"), s.Flag("on")}
	for _, alarm := range s.Children("alarm") {
		got = append(got, alarm.Label, alarm.Duration("after"), alarm.Text("text"))
	}
	want := []any{uint64(100), uint64(30), "red", true, "wet", time.Minute, "", "dry", 5 * time.Second, "no water"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if found := top.TakeFound(); len(found) > 0 {
		t.Error(found)
	}
	if none := top.Child("pump", "b").Child("alarm", "dry"); none.Given || none.Duration("after") != 5*time.Second {
		t.Errorf("a block that is not given: %+v", none)
	}
}

func TestVariables(t *testing.T) {
	s := parse(t, "pump \"a\" {\n}\npump \"b\" {\n tank = 7\n on = false\n}\n")
	if got := s.Child("pump", "a").Size("tank"); got != 2000 {
		t.Errorf("tank of the variable %d", got)
	}
	if b := s.Child("pump", "b"); b.Size("tank") != 7 || b.Flag("on") {
		t.Errorf("tank %d, on %v; a variable without a value counts as unset", b.Size("tank"), b.Flag("on"))
	}
	if text, set := s.Env.Lookup("EMPTY"); set {
		t.Errorf("blanks are the value %q", text)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct{ body, want string }{
		{"", `a.hcl:1,1: pump "a" needs "power"` + "\n  hint: Write power = 100.\n"},
		{"powr = 1", `a.hcl:2,1: unknown attribute "powr" in pump "a"` + "\n  hint: Did you mean \"power\"?\n"},
		{"power = 1\nhose {\n length = 1.5\n}", "a.hcl:4,11: length must be a whole number, 0 or above, not 1.5\n  hint: floor(), ceil() or round() make a whole number of it.\n"},
		{"power = 1\nhose {\n length = 60\n}", "a.hcl:4,11: length must be from 1 to 50, not 60\n"},
		{"power = 1\nhose {\n length = \"'20'\"\n}", `a.hcl:4,11: length must be a whole number, 0 or above, not "'20'"` + "\n  hint: The quotation marks are part of the value; an env file takes values without them.\n"},
		{"power = 1\nhose {\n colour = \"grene\"\n}", `a.hcl:4,11: colour must be one of "red", "green", not "grene"` + "\n  hint: Did you mean \"green\"?\n"},
		{"power = 1\nalarm \"dry\" {\n after = 0\n}", "a.hcl:4,10: after must be longer than 0s, not 0\n"},
		{"power = 1\ntank = \"2 buckets\"", `a.hcl:3,8: tank must be a size, not "2 buckets"` + "\n  hint: " + sizeHint + "\n"},
		{"power = 1\nhose = 5", `a.hcl:3,1: unknown attribute "hose" in pump "a"` + "\n  hint: hose is a block: write hose { ... } without an equals sign.\n"},
		{"power = 1\nlength = 5", `a.hcl:3,1: unknown attribute "length" in pump "a"` + "\n  hint: length belongs in hose.\n"},
		{"power = 1\nzzz = 5", `a.hcl:3,1: unknown attribute "zzz" in pump "a"` + "\n  hint: pump \"a\" takes power, tank, on, hose, alarm.\n"},
		{"power = 1\nhose {\n}\nhose {\n}", "a.hcl:5,1: hose is given twice; the first is at a.hcl:3,1\n  hint: Give each a name of its own, or join them.\n"},
		{"power = 1\nalarm {\n}", "a.hcl:3,1: alarm takes one name\n  hint: Write alarm \"name\" { ... }.\n"},
	}
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			top := parse(t, "pump \"a\" {\n"+test.body+"\n}\n")
			top.Check()
			pump := top.Child("pump", "a")
			pump.Count("power")
			pump.Size("tank")
			pump.Child("hose").Count("length")
			pump.Child("hose").Text("colour")
			pump.Child("alarm", "dry").Duration("after")
			found := top.TakeFound()
			for i := range found {
				found[i].Source = ""
			}
			var said strings.Builder
			if err := found.WriteText(&said); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, said.String()); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// A reader that asks for what its grammar does not have is a programmer's mistake.
func TestUnknownToTheGrammar(t *testing.T) {
	for name, ask := range map[string]func(s Section){
		"attribute": func(s Section) { s.Text("weight") },
		"block":     func(s Section) { s.Child("wheel") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			ask(parse(t, "pump \"a\" {\n}\n").Child("pump", "a"))
		})
	}
}
