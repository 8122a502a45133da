package review

import (
	"fmt"
	"io"
)

// WriteStretch writes a stretch of equal differences for people. The monitor is
// named where there are several.
func (c *Comparison) WriteStretch(out io.Writer, d *Differing) error {
	w := &textWriter{out: out}
	head := stamp(d.T) + "  " + c.name(d.Monitor)
	w.printf("%s%s%s -> %s\n", head, during(d.T, d.to, d.checks), d.Old, d.New)
	w.paragraph("    old: ", d.Old.words())
	w.paragraph("    new: ", d.New.words())
	return w.err
}

func (c *Comparison) name(monitor string) string {
	if len(c.monitors) < 2 {
		return ""
	}
	return monitor + "  "
}

// WriteText writes the sum for people.
func (c *Comparison) WriteText(out io.Writer) error {
	w := &textWriter{out: out}
	if c.Differ > 0 {
		w.printf("\n")
	}
	w.printf("old: %s, new: %d; %d gone, %d added, %d moved; %d of %s differ\n",
		plural(c.Old.Restarts, "restart"), c.New.Restarts, c.GoneCount, c.AddedCount, c.MovedCount, c.Differ, plural(c.Checks, "check"))
	if c.Old.Held+c.New.Held > 0 {
		w.printf("held by a guard: old %d, new %d\n", c.Old.Held, c.New.Held)
	}
	c.list(w, "gone", "new", c.Gone, c.GoneCount)
	c.list(w, "added", "old", c.Added, c.AddedCount)
	c.listMoved(w)
	return w.err
}

func (c *Comparison) listMoved(w *textWriter) {
	if c.MovedCount == 0 {
		return
	}
	w.printf("\nmoved\n")
	for _, m := range c.Moved {
		by, word := m.New.T.Sub(m.Old.T), "later"
		if by < 0 {
			by, word = -by, "earlier"
		}
		w.paragraph(fmt.Sprintf("  %s  %s", stamp(m.Old.T), c.name(m.Monitor)), m.Old.Rule+": "+m.Old.Reason)
		w.paragraph(fmt.Sprintf("    new %s %s ", span(by), word), m.New.Rule+": "+m.New.Reason)
	}
	if more := c.MovedCount - len(c.Moved); more > 0 {
		w.printf("  and %d more\n", more)
	}
}

func (c *Comparison) list(w *textWriter, title, other string, restarts []Changed, count int) {
	if count == 0 {
		return
	}
	w.printf("\n%s\n", title)
	for _, r := range restarts {
		w.paragraph(fmt.Sprintf("  %s  %s", stamp(r.T), c.name(r.Monitor)), r.Rule+": "+r.Reason)
		w.paragraph("    "+other+" says ", r.Instead)
	}
	if more := count - len(restarts); more > 0 {
		w.printf("  and %d more\n", more)
	}
}
