package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// longestReason bounds a reason in a table.
const longestReason = 160

// entry is a row of a table of verdicts: checks in a row that came to the same.
type entry struct {
	from, to time.Duration
	ruling   rule.VerdictKind
	rule     string
	// reason is that of the first of them.
	reason string
}

// tableRow is how a row is written: when, the verdict, its rule, and the reason
// of the first check behind a bar.
var tableRow = regexp.MustCompile(`^(\S+)(?:\s+\.\.\s+(\S+))?\s+(ok|act|held|unknown)(?:\s+([^|\s]+))?\s*(?:\|\s*(.*))?$`)

// digits are what may differ between the reasons of one row.
var digits = regexp.MustCompile(`[0-9]+`)

// add puts one more check into a table. Each act has a row of its own; what an
// ok says is no decision.
func add(table []entry, at time.Duration, v rule.Verdict) []entry {
	next := entry{from: at, to: at, ruling: v.Kind, rule: v.Rule, reason: v.Reason}
	last := len(table) - 1
	if last < 0 || v.Kind == rule.Act || table[last].ruling != v.Kind || table[last].rule != v.Rule {
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
		table = append(table, entry{from: from, to: to, ruling: rule.VerdictKind(parts[3]), rule: parts[4], reason: parts[5]})
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

// renderTable writes a table in columns. What a cooldown says is the same each
// time but for the seconds, and what an ok says is no decision: both are left
// out.
func renderTable(table []entry) []string {
	widths := [3]int{}
	cells := make([][4]string, len(table))
	for i, e := range table {
		cells[i] = e.cells()
		for c := range widths {
			widths[c] = max(widths[c], len(cells[i][c]))
		}
	}
	lines := make([]string, len(cells))
	for i, c := range cells {
		lines[i] = strings.TrimRight(fmt.Sprintf("%-*s  %-*s  %-*s  %s", widths[0], c[0], widths[1], c[1], widths[2], c[2], c[3]), " ")
	}
	return lines
}

func (e entry) cells() [4]string {
	when := Offset(e.from)
	if e.to != e.from {
		when += " .. " + Offset(e.to)
	}
	reason := ""
	if e.reason != "" && e.ruling != rule.OK && e.rule != rule.RuleCooldown {
		reason = "| " + hcltext.Clip(e.reason, longestReason)
	}
	return [4]string{when, string(e.ruling), e.rule, reason}
}

// diffTables shows two tables as one, with what is missing behind - and what
// came instead behind +; empty where they are the same.
func diffTables(want, got []entry) []string {
	if slices.EqualFunc(want, got, entry.same) {
		return nil
	}
	common := commonRows(want, got)
	wantLines, gotLines := renderTable(want), renderTable(got)
	var lines []string
	i, j := 0, 0
	for _, pair := range append(common, [2]int{len(want), len(got)}) {
		for ; i < pair[0]; i++ {
			lines = append(lines, "- "+wantLines[i])
		}
		for ; j < pair[1]; j++ {
			lines = append(lines, "+ "+gotLines[j])
		}
		if i < len(want) && j < len(got) {
			lines = append(lines, "  "+gotLines[j])
		}
		i, j = i+1, j+1
	}
	return lines
}

// maxCompared bounds the tables of which the longest common part is looked for.
const maxCompared = 1000

// commonRows pairs the rows that both tables have, in their order.
func commonRows(want, got []entry) [][2]int {
	var pairs [][2]int
	if len(want) > maxCompared || len(got) > maxCompared {
		for i := 0; i < min(len(want), len(got)) && want[i].same(got[i]); i++ {
			pairs = append(pairs, [2]int{i, i})
		}
		return pairs
	}
	best := make([][]int, len(want)+1)
	for i := range best {
		best[i] = make([]int, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if want[i].same(got[j]) {
				best[i][j] = best[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(want) && j < len(got); {
		switch {
		case want[i].same(got[j]):
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
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
	var others []entry
	for _, e := range t.verdicts.table {
		if e.ruling == rule.OK || e.ruling == rule.Act || e.rule == rule.RuleCooldown {
			continue
		}
		if last := len(others) - 1; last >= 0 && others[last].ruling == e.ruling && others[last].rule == e.rule {
			others[last].to = e.to
			continue
		}
		others = append(others, e)
	}
	for _, e := range others {
		parts = append(parts, fmt.Sprintf("%s (%s) %s", e.ruling, e.rule, during(e.from, e.to)))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

func actsOf(table []entry) string {
	var acts []time.Duration
	rules := []string{}
	for _, e := range table {
		if e.ruling != rule.Act {
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
