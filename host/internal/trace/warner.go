package trace

import (
	"fmt"
	"io"
)

// warnEach is how many warnings of a kind are printed; the rest is summed up.
const warnEach = 10

// Warner prints the warnings of traces, the first of each kind.
type Warner struct {
	out   io.Writer
	kinds []*warnedKind
}

// NewWarner returns one that prints to out.
func NewWarner(out io.Writer) *Warner { return &Warner{out: out} }

// warnedKind counts the warnings of a kind.
type warnedKind struct {
	kind  WarningKind
	count int
	last  Warning
}

// Add prints a warning, unless there were many of its kind.
func (w *Warner) Add(warning Warning) {
	k := w.kind(warning.Kind)
	k.last = warning
	if k.count++; k.count <= warnEach {
		fmt.Fprintln(w.out, warning)
	}
}

func (w *Warner) kind(kind WarningKind) *warnedKind {
	for _, k := range w.kinds {
		if k.kind == kind {
			return k
		}
	}
	k := &warnedKind{kind: kind}
	w.kinds = append(w.kinds, k)
	return k
}

// End sums up what was not printed.
func (w *Warner) End() {
	for _, k := range w.kinds {
		if more := k.count - warnEach; more > 0 {
			fmt.Fprintf(w.out, "%d more %s, the last: %s\n", more, k.kind, k.last)
		}
	}
}
