package cli

import (
	"fmt"
	"io"

	"github.com/headwatch/headwatch/host/internal/trace"
)

// warnEach is how many warnings of a kind are printed; the rest is summed up.
const warnEach = 10

// warner prints the warnings of a trace.
type warner struct {
	out   io.Writer
	kinds []*warnedKind
}

// warnedKind counts the warnings of a kind.
type warnedKind struct {
	kind  trace.WarningKind
	count int
	last  trace.Warning
}

func (w *warner) add(warning trace.Warning) {
	k := w.kind(warning.Kind)
	k.last = warning
	if k.count++; k.count <= warnEach {
		fmt.Fprintln(w.out, warning)
	}
}

func (w *warner) kind(kind trace.WarningKind) *warnedKind {
	for _, k := range w.kinds {
		if k.kind == kind {
			return k
		}
	}
	k := &warnedKind{kind: kind}
	w.kinds = append(w.kinds, k)
	return k
}

// end sums up what was not printed.
func (w *warner) end() {
	for _, k := range w.kinds {
		if more := k.count - warnEach; more > 0 {
			fmt.Fprintf(w.out, "%d more %s, the last: %s\n", more, k.kind, k.last)
		}
	}
}
