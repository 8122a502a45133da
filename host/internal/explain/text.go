package explain

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/witness"
)

// pageWidth is how wide an explanation is printed, where words allow it.
const pageWidth = 100

// page prints an explanation for people, wrapped.
type page struct {
	out *bufio.Writer
	now time.Time
	x   *Answer
}

// TimeForm is how a time is shown where nothing says its date.
const TimeForm = "2006-01-02 15:04:05 MST"

// WriteText prints an explanation for people. now is for how long ago the check
// was; zero leaves that out.
func (a *Answer) WriteText(w io.Writer, now time.Time) error {
	p := &page{out: bufio.NewWriter(w), now: now, x: a}
	p.verdict()
	p.inputs()
	p.facts()
	p.rules()
	p.guards()
	p.changes()
	return p.out.Flush()
}

// row prints cells in columns of the given widths; the last is wrapped under
// itself.
func (p *page) row(widths []int, cells ...string) {
	line, indent := "", 0
	for i, width := range widths {
		line += cells[i] + strings.Repeat(" ", max(1, width-utf8.RuneCountInString(cells[i])))
		indent += width
	}
	p.wrap(line, indent, cells[len(widths)])
}

// wrap prints words behind a beginning, and goes on under them.
func (p *page) wrap(begin string, indent int, text string) {
	line, empty := begin, true
	for word := range strings.FieldsSeq(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > pageWidth {
			fmt.Fprintln(p.out, line)
			line, empty = strings.Repeat(" ", indent), true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	fmt.Fprintln(p.out, strings.TrimRight(line, " "))
}

func (p *page) heading(text string) { fmt.Fprintf(p.out, "\n%s\n", text) }

// stamp is a time of day; the first line of a page has the date and the zone.
func (p *page) stamp(t time.Time) string {
	t = t.UTC()
	if t.Format(time.DateOnly) == p.x.T.UTC().Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// span is how long ago something was.
func span(seconds float64) string {
	if seconds < 10 {
		return strconv.FormatFloat(math.Round(seconds*10)/10, 'f', -1, 64) + " s"
	}
	return Span(time.Duration(seconds) * time.Second)
}

func (p *page) verdict() {
	x := p.x
	head := x.Monitor + ": " + string(x.Verdict)
	if x.Rule != "" {
		head += ", by " + x.Rule
	}
	if x.Guard != "" {
		head += " (" + x.Guard + ")"
	}
	fmt.Fprintln(p.out, head)
	p.wrap("  ", 2, x.Reason)
	made := fmt.Sprintf("Check of %s", x.T.UTC().Format(TimeForm))
	if !p.now.IsZero() {
		made += ", " + span(p.now.Sub(x.T).Seconds()) + " ago"
	}
	p.wrap("  ", 2, made+", "+p.source()+".")
	if s := x.Source; s.Recorded != "" {
		p.wrap("  ", 2, "The recording host came to: "+s.Recorded+". This configuration, or this version, comes to something else.")
	}
	if x.UnknownFor > 0 {
		p.wrap("  ", 2, "Unknown for "+span(x.UnknownFor)+", check after check.")
	}
	if len(x.Shadow) > 0 {
		p.wrap("  ", 2, "In the shadow: "+strings.Join(x.Shadow, ", ")+" would act.")
	}
	if x.Trouble != "" {
		p.wrap("  ", 2, "Trouble in the log: "+x.Trouble)
	}
}

// source says where the explanation comes from.
func (p *page) source() string {
	s := p.x.Source
	if s.From == FromHost {
		return "from the running host at " + s.Address
	}
	var files []string
	for _, file := range s.Files {
		files = append(files, filepath.Base(file))
	}
	text := "made anew from the " + s.From + " " + strings.Join(files, ", ")
	if s.NoHost != "" {
		text += "; " + s.NoHost
	}
	return text
}

func (p *page) inputs() {
	p.heading("Inputs, as of the check")
	widths := []int{2, 8}
	for _, h := range p.x.Heads {
		p.row(widths, "", "head", h.Source+": "+headText(h))
	}
	if len(p.x.Heads) == 0 {
		p.row(widths, "", "head", "no head source has answered yet")
	}
	p.row(widths, "", "target", p.x.Name+": "+p.targetText())
	for _, h := range p.x.Target.Hazards {
		p.row(widths, "", "hazard", fmt.Sprintf("%s (%s): %s; to mend it: %s", h.ID, h.Level, h.What, h.Mend))
	}
	p.row(widths, "", "log", p.logText())
	for _, a := range p.x.Actions {
		text := fmt.Sprintf("%s at %s, %s before", a.Outcome, p.stamp(a.At), span(a.Age))
		if a.Assumed {
			text += " (assumed by the replay)"
		}
		if a.Detail != "" {
			text += ": " + a.Detail
		}
		p.row(widths, "", "action", text)
	}
	if len(p.x.Actions) == 0 {
		p.row(widths, "", "action", "none is known")
	}
	if last := p.x.LastAct; last != nil {
		p.row(widths, "", "outcome", fmt.Sprintf("of the act at %s: %s", p.stamp(last.At), cmp.Or(string(last.Outcome), "not known yet")))
	}
	for _, tally := range p.x.Outcomes {
		p.row(widths, "", "", tally.Text)
	}
}

func headText(h Head) string {
	if h.Use == UseError {
		return fmt.Sprintf("not used, its answer %s before: %s", span(h.Age), h.Why)
	}
	use := map[string]string{UseBest: "the one that counts", UseUsable: "usable", UseStale: "not used, " + h.Why}[h.Use]
	text := fmt.Sprintf("#%d, answered %s before", *h.Best, span(h.Age))
	if !h.BlockTime.IsZero() {
		text += fmt.Sprintf(", block made %s before", span(*h.HeadAge))
	}
	if h.Endpoint != "" {
		text += ", from " + h.Endpoint
	}
	if h.Use == UseStale {
		return text + "; " + use
	}
	return fmt.Sprintf("%s; %s (max_age %s)", text, use, span(h.MaxAge))
}

func (p *page) targetText() string {
	t := p.x.Target
	text := t.State
	switch {
	case t.Error != "":
		return text + ": " + t.Error
	case t.State == "stopped" && !t.FinishedAt.IsZero():
		text += fmt.Sprintf(" since %s (%s)", p.stamp(t.FinishedAt), span(p.x.T.Sub(t.FinishedAt).Seconds()))
	case !t.StartedAt.IsZero():
		text += fmt.Sprintf(", started at %s (%s before)", p.stamp(t.StartedAt), span(p.x.T.Sub(t.StartedAt).Seconds()))
		if t.StartedBy == acts.ByPolicy || t.StartedBy == acts.ByCall {
			text += ", by " + map[string]string{acts.ByPolicy: "its restart policy", acts.ByCall: "a call"}[t.StartedBy]
		}
	}
	if t.ExitCode != nil && t.State != "running" {
		text += fmt.Sprintf(", exit code %d", *t.ExitCode)
	}
	if t.OOMKilled {
		text += ", out of memory"
	}
	return text
}

func (p *page) logText() string {
	l := p.x.Log
	last := "no line of this run"
	if l.Age != nil {
		last = "last line " + span(*l.Age) + " before"
	}
	lines := "lines"
	if l.Lines == 1 {
		lines = "line"
	}
	text := fmt.Sprintf("%s, %d %s since the check before", last, l.Lines, lines)
	if l.Unreadable != "" {
		since := ""
		if !l.Since.IsZero() {
			since = " since " + p.stamp(l.Since)
		}
		text = "cannot be read" + since + ": " + l.Unreadable + "; " + text
	}
	if l.Gap != "" {
		text += fmt.Sprintf("; gap at %s: %s", p.stamp(l.GapAt), l.Gap)
	}
	return text
}

func (p *page) facts() {
	p.heading("Facts")
	said := map[string]string{}
	for _, f := range p.x.Readings {
		if f.Missing == rule.NoJudge || f.Missing == witness.None {
			continue // what the monitor does not ask for
		}
		note := p.factNote(f)
		if first := said[f.Missing]; f.Missing != "" && first != "" {
			note = "as " + first
		} else {
			said[f.Missing] = f.Fact
		}
		p.row([]int{2, 16, 14}, "", f.Fact, factText(f), note)
	}
}

// factNote says why a fact is unknown, how old it is, or since when a time is
// counted.
func (p *page) factNote(f Fact) string {
	switch {
	case f.Age == nil || *f.Age < 0.05:
		return f.Missing
	case f.Unit != "":
		return "since " + p.stamp(f.At)
	}
	return span(*f.Age) + " old"
}

// factText is a value for people: numbers with two decimals at most.
func factText(f Fact) string {
	text := strings.Trim(string(f.Value), `"`)
	if text == "null" {
		return "unknown"
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(number, 0) {
		return text
	}
	if number != math.Trunc(number) {
		text = strconv.FormatFloat(math.Round(number*100)/100, 'f', -1, 64)
	}
	return strings.TrimSpace(text + " " + f.Unit)
}

func (p *page) rules() {
	p.heading("Rules, in their order")
	widths := []int{2, 22, 10}
	for _, r := range p.x.Rules {
		p.row(widths, "", r.Rule, r.Result, r.Saw)
		turned := "would hold with"
		if !r.Since.IsZero() {
			turned = "would not hold with"
			if r.For > 0 {
				p.row(widths, "", "", "", fmt.Sprintf("has held for %s of %s", span(r.Held), span(r.For)))
			}
		}
		for _, needs := range r.Turns {
			p.row(widths, "", "", "", turnText(turned, needs))
		}
	}
}

// turnText says what would turn a rule, or what it cannot be told without.
func turnText(turned string, needs Needs) string {
	if needs[0].Is != Known {
		return turned + " " + needs.String()
	}
	var facts []string
	for _, n := range needs {
		facts = append(facts, n.What)
	}
	return "cannot be told without " + strings.Join(facts, ", ")
}

func (p *page) guards() {
	p.heading("Guards")
	for _, g := range p.x.Guards {
		stands := "no"
		text := g.Text
		if g.Stands {
			stands = "stands"
		}
		if g.Stands && !g.Until.IsZero() {
			text = fmt.Sprintf("until %s, in %s: %s", p.stamp(g.Until), Span(time.Duration(g.Left*float64(time.Second))), text)
		}
		p.row([]int{2, 22, 10}, "", g.Guard, stands, text)
	}
}

func (p *page) changes() {
	p.heading("What would make another verdict")
	for _, c := range p.x.Changes {
		p.row([]int{2}, "", p.changeText(c))
	}
	if len(p.x.Changes) == 0 {
		p.row([]int{2}, "", "nothing that is known")
	}
}

// changeText is a change with the time of day where it names a time.
func (p *page) changeText(c Change) string {
	for _, n := range c.Needs {
		var at time.Time
		if n.What == InputTime && json.Unmarshal(n.Value, &at) == nil {
			return p.stamp(at) + ": " + c.Text
		}
	}
	return c.Text
}
