package review

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// width is that of what people read, in columns.
const width = 100

// stamp is a time as the verdicts show it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z07:00") }

// span is a length of time in its two largest units.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	days, hours, minutes, seconds := d/(24*time.Hour), d/time.Hour%24, d/time.Minute%60, d/time.Second%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd%02dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh%02dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm%02ds", minutes, seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// share is a part of a whole in percent.
func share(part, whole float64) string {
	if whole <= 0 {
		return ""
	}
	return fmt.Sprintf("%.1f %%", 100*part/whole)
}

// plural counts things: "1 check", "2 checks".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// textWriter writes text and remembers the first error.
type textWriter struct {
	out io.Writer
	err error
}

func (w *textWriter) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}

// paragraph writes text behind a head, its further lines below its first.
func (w *textWriter) paragraph(head, text string) {
	indent := utf8.RuneCountInString(head)
	line, column := head, indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if i > 0 && column+1+n > width {
			w.printf("%s\n", line)
			line, column = strings.Repeat(" ", indent), indent
		} else if i > 0 {
			line, column = line+" ", column+1
		}
		line, column = line+word, column+n
	}
	w.printf("%s\n", strings.TrimRight(line, " "))
}
