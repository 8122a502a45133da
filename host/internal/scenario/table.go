package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// longestReason bounds a reason in a table.
const longestReason = 160

// entry is a row of a table of verdicts: checks in a row that came to the same.
type entry struct {
	from, to time.Duration
	kind     rule.VerdictKind
	rule     string
	// reason is that of the first of them.
	reason string
}

// tableRow is how a row is written: when, the verdict, its rule, and the reason
// of the first check behind a bar.
var tableRow = regexp.MustCompile(`^(\S+)(?:\s+\.\.\s+(\S+))?\s+(ok|act|held|unknown)(?:\s+([^|\s]+))?\s*(?:\|\s*(.*))?$`)

// digits are what may differ between the reasons of one row.
var digits = regexp.MustCompile(`[0-9]+`)

// addCheck appends a check to a table. Checks with the same verdict share a row, but
// each act has its own. The reasons of ok do not matter.
func addCheck(table []entry, at time.Duration, v rule.Verdict) []entry {
	next := entry{from: at, to: at, kind: v.Kind, rule: v.Rule, reason: v.Reason}
	last := len(table) - 1
	if last < 0 || v.Kind == rule.Act || table[last].kind != v.Kind || table[last].rule != v.Rule {
		return append(table, next)
	}
	if v.Kind != rule.OK && digits.ReplaceAllString(v.Reason, "") != digits.ReplaceAllString(table[last].reason, "") {
		return append(table, next)
	}
	table[last].to = at
	return table
}

// parseTable reads a table. A row without a bar says nothing about the reason.
func parseTable(text string) ([]entry, error) {
	var table []entry
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		parts := tableRow.FindStringSubmatch(line)
		if parts == nil {
			return nil, fmt.Errorf("read row %d of the verdicts: %q is not written FROM .. TO VERDICT RULE | REASON", i+1, line)
		}
		from, err := time.ParseDuration(parts[1])
		to := from
		if err == nil && parts[2] != "" {
			to, err = time.ParseDuration(parts[2])
		}
		if err != nil {
			return nil, fmt.Errorf("read row %d of the verdicts: %w", i+1, err)
		}
		table = append(table, entry{from: from, to: to, kind: rule.VerdictKind(parts[3]), rule: parts[4], reason: parts[5]})
	}
	return table, nil
}

// same compares a wanted row with the one that came: a reason that is left out
// is any, and one that was cut short is that much of it.
func (e entry) same(got entry) bool {
	if short, cut := strings.CutSuffix(e.reason, "…"); cut || e.reason == "" {
		if strings.HasPrefix(got.reason, short) {
			e.reason = got.reason
		}
	}
	return e == got
}

// renderTable writes a table in columns. The reasons of ok and of a cooldown are left
// out: they do not explain a decision.
func renderTable(table []entry) []string {
	var b strings.Builder
	columns := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, e := range table {
		when, reason := Offset(e.from), ""
		if e.to != e.from {
			when += " .. " + Offset(e.to)
		}
		if e.reason != "" && e.kind != rule.OK && e.rule != rule.RuleCooldown {
			reason = "| " + hcltext.Clip(hcltext.OneLine(e.reason), longestReason)
		}
		fmt.Fprintf(columns, "%s\t%s\t%s\t%s\n", when, e.kind, e.rule, reason)
	}
	columns.Flush()
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return lines[:len(lines)-1]
}

// diffTables shows the differences of two tables: missing rows after -, new rows after
// +, in the order of their times. It is empty where the tables are the same.
func diffTables(want, got []entry) []string {
	if slices.EqualFunc(want, got, entry.same) {
		return nil
	}
	wantLines, gotLines := renderTable(want), renderTable(got)
	var lines []string
	for i, j := 0, 0; i < len(want) || j < len(got); {
		wanted := i < len(want) && (j == len(got) || want[i].from <= got[j].from)
		came := j < len(got) && (i == len(want) || got[j].from <= want[i].from)
		if wanted && came && want[i].same(got[j]) {
			lines = append(lines, "  "+gotLines[j])
			i, j = i+1, j+1
			continue
		}
		if wanted {
			lines = append(lines, "- "+wantLines[i])
			i++
		}
		if came {
			lines = append(lines, "+ "+gotLines[j])
			j++
		}
	}
	return lines
}

// Pinned says in words what the pinned verdicts come to; empty where the test
// has no table of them.
func (t *Test) Pinned() string {
	if t.verdicts == nil {
		return ""
	}
	var parts []string
	if acts := actsOf(t.verdicts.table); acts != "" {
		parts = append(parts, acts)
	}
	for _, e := range othersOf(t.verdicts.table) {
		parts = append(parts, fmt.Sprintf("%s (%s) %s", e.kind, e.rule, during(e.from, e.to)))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// othersOf are no acts. Those of one kind and rule are one, but for those before the first ok.
func othersOf(table []entry) (others []entry) {
	starting := true
	for _, e := range table {
		starting = starting && e.kind != rule.OK
		if e.kind == rule.OK || e.kind == rule.Act || e.rule == rule.RuleCooldown {
			continue
		}
		if n := len(others); n > 0 && others[n-1].kind == e.kind && others[n-1].rule == e.rule && (starting || others[n-1].from > table[0].from) {
			others[n-1].to = e.to
			continue
		}
		others = append(others, e)
	}
	return others
}

func actsOf(table []entry) string {
	var acts []time.Duration
	rules := []string{}
	for _, e := range table {
		if e.kind != rule.Act {
			continue
		}
		acts = append(acts, e.from)
		if !slices.Contains(rules, e.rule) {
			rules = append(rules, e.rule)
		}
	}
	if len(acts) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s (%s)", count(len(acts), "restart"), during(acts[0], acts[len(acts)-1]), strings.Join(rules, ", "))
}

func during(from, to time.Duration) string {
	if from == to {
		return "at " + Offset(from)
	}
	return "from " + Offset(from) + " to " + Offset(to)
}
