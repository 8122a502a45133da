package scenario

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/headwatch/headwatch/host/internal/trace"
)

// WriteJSON writes a result as one line.
func (r *Result) WriteJSON(w io.Writer) error {
	acts := make([]string, len(r.Acts))
	for i, at := range r.Acts {
		acts[i] = Offset(at)
	}
	line := struct {
		File     string    `json:"file"`
		Line     int       `json:"line"`
		Test     string    `json:"test"`
		Passed   bool      `json:"passed"`
		Checks   int       `json:"checks"`
		Acts     []string  `json:"acts"`
		Failures []Failure `json:"failures"`
		Warnings []string  `json:"warnings,omitempty"`
	}{r.Test.Position.File, r.Test.Position.Line, r.Test.Name, r.Passed(), r.Checks, acts, r.Failures, texts(r.Warnings)}
	if line.Failures == nil {
		line.Failures = []Failure{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line)
}

func texts(warnings []trace.Warning) []string {
	var all []string
	for _, w := range warnings {
		all = append(all, w.String())
	}
	return all
}

// WriteText writes a result for people. Of a test that passed only a line is
// written.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	word := "ok  "
	if !r.Passed() {
		word = "FAIL"
	}
	fmt.Fprintf(&b, "%s %s: %s: %s\n", word, r.Test.Position, r.Test.Name, r.counts())
	for _, warning := range r.Warnings {
		fmt.Fprintf(&b, "    warning: trace: %s\n", warning)
	}
	for _, f := range r.Failures {
		f.write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Result) counts() string {
	text := count(r.Checks, "check")
	if len(r.Acts) == 0 {
		return text + ", no act"
	}
	const most = 8
	acts := offsets(r.Acts[:min(most, len(r.Acts))])
	if len(r.Acts) > most {
		acts += " ..."
	}
	return fmt.Sprintf("%s, %s (%s)", text, count(len(r.Acts), "act"), acts)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// write shows one failure: what was wanted and what came, the verdict with its
// sentences and rules, and the checks around it.
func (f Failure) write(b *strings.Builder) {
	fmt.Fprintf(b, "    %s: %s\n", f.Position, f.Message)
	for _, d := range f.Differences {
		fmt.Fprintf(b, "        %s\n", d.What)
		fmt.Fprintf(b, "          want  %s\n", indent(d.Want, "                "))
		fmt.Fprintf(b, "          got   %s\n", indent(d.Got, "                "))
	}
	if f.Verdict != nil {
		fmt.Fprintf(b, "        the verdict at %s (%s)\n", f.Offset, f.Time.Format("2006-01-02T15:04:05Z07:00"))
		fmt.Fprintf(b, "          %s\n", strings.TrimSpace(string(f.Verdict.Kind)+" "+f.Verdict.Rule))
		for _, sentence := range f.Verdict.Sentences {
			fmt.Fprintf(b, "            %s\n", sentence)
		}
		b.WriteString("        the rules\n")
		for _, s := range f.Verdict.Steps {
			fmt.Fprintf(b, "          %-7s  %-18s  %s\n", s.Result, s.Rule, s.Saw)
		}
		b.WriteString("        the checks around\n")
	}
	for _, line := range f.Lines {
		fmt.Fprintf(b, "          %s\n", line)
	}
}

func indent(text, by string) string { return strings.ReplaceAll(text, "\n", "\n"+by) }
