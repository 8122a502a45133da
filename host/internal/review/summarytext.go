package review

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// WriteText writes the summary for people.
func (s *Summary) WriteText(out io.Writer) error {
	w := &textWriter{out: out}
	w.printf("%s, %s\n", plural(s.Checks, "check"), plural(s.Actions, "action"))
	for _, m := range s.Monitors {
		m.write(w)
	}
	return w.err
}

func (m *Monitor) write(w *textWriter) {
	w.printf("\nmonitor %s: %s from %s to %s (%s)\n", m.Name, plural(m.Checks, "check"), stamp(m.From), stamp(m.To), span(m.To.Sub(m.From)))
	m.writeTables(w)
	m.writePeaks(w)
	if len(m.Actions) > 0 {
		w.printf("\n  %s\n", plural(m.ActionCount, "action"))
		for _, a := range m.Actions {
			w.paragraph("    "+stamp(a.T)+"  ", a.Rule+": "+a.Reason)
		}
		if more := m.ActionCount - len(m.Actions); more > 0 {
			w.printf("    and %d more\n", more)
		}
	}
	if len(m.Moments) > 0 {
		w.printf("\n  moments worth a look\n")
		for _, moment := range m.Moments {
			w.paragraph("    "+stamp(moment.T)+"  ", moment.Text)
		}
	}
	m.writeDifferences(w)
}

// writeTables writes how often each verdict came and how long each state was.
func (m *Monitor) writeTables(w *textWriter) {
	w.printf("\n")
	t := newTable(w, "verdict", "checks", "share", "first at")
	for _, v := range m.Verdicts {
		t.row(v.String(), fmt.Sprint(v.Checks), share(float64(v.Checks), float64(m.Checks)), stamp(v.First))
	}
	for _, v := range m.Shadowed {
		t.row(v.Rule+" would act (shadow)", fmt.Sprint(v.Checks), share(float64(v.Checks), float64(m.Checks)), stamp(v.First))
	}
	t.end()
	if len(m.States) == 0 {
		return
	}
	w.printf("\n")
	total := m.To.Sub(m.From).Seconds()
	t = newTable(w, "state", "time", "share")
	for _, s := range m.States {
		t.row(s.Name, span(seconds(s.Seconds)), share(s.Seconds, total))
	}
	t.end()
}

// table is a table of a name and numbers.
type table struct {
	w    *textWriter
	tabs *tabwriter.Writer
}

func newTable(w *textWriter, head ...string) *table {
	t := &table{w: w, tabs: tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)}
	t.row(head[0], head[1:]...)
	return t
}

func (t *table) row(name string, numbers ...string) {
	line := "  " + name
	for _, number := range numbers {
		line += fmt.Sprintf("\t%8s", number)
	}
	if t.w.err == nil {
		_, t.w.err = fmt.Fprintln(t.tabs, line)
	}
}

func (t *table) end() {
	if t.w.err == nil {
		t.w.err = t.tabs.Flush()
	}
}

func (m *Monitor) writePeaks(w *textWriter) {
	w.printf("\n")
	if p := m.GreatestLag; p != nil {
		w.printf("  greatest lag           %s at %s\n", plural(int(p.Value), "block"), stamp(p.T))
	}
	if p := m.LongestSilence; p != nil && p.Value >= leastSilence.Seconds() {
		w.printf("  longest silence        %s up to %s\n", span(seconds(p.Value)), stamp(p.T))
	}
	if b := m.LongestBlind; b != nil {
		w.paragraph("  longest blind stretch  ", fmt.Sprintf("%s from %s: %s", span(b.length()), stamp(b.From), b.Reason))
	}
}

func (m *Monitor) writeDifferences(w *textWriter) {
	if m.Otherwise == 0 {
		if m.Recorded > 0 {
			w.printf("\n  as recorded at each of %s\n", plural(m.Recorded, "check"))
		}
		return
	}
	w.printf("\n  other than recorded at %d of %s\n", m.Otherwise, plural(m.Recorded, "check"))
	for _, d := range m.Differences {
		head := fmt.Sprintf("    %s  ", stamp(d.From))
		w.paragraph(head, fmt.Sprintf("%s%s -> %s: %s", during(d.From, d.To, d.Checks), d.Recorded, d.Replayed, d.Reason))
	}
	if more := m.Stretches - len(m.Differences); more > 0 {
		w.printf("    and %d more stretches\n", more)
	}
}

// during says how long several equal checks went on; nothing for one.
func during(from, to time.Time, checks int) string {
	if checks == 1 {
		return ""
	}
	return fmt.Sprintf("(%s to %s) ", plural(checks, "check"), stamp(to))
}
