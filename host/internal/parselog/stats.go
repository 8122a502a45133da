package parselog

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/sdk/logtext"
)

// maxForms is how many forms of mute lines are shown, maxShown how much of each
// line, in bytes.
const (
	maxForms = 20
	maxShown = 300
)

// parseStats counts what lines said.
type parseStats struct {
	Lines int            `json:"lines"`
	Spoke int            `json:"spoke"`
	Kinds map[string]int `json:"kinds"`
	// Suspect is how many lines said nothing but look as if they should have.
	Suspect int         `json:"suspect"`
	Forms   []*muteForm `json:"suspect_forms"`
}

// muteForm is lines that differ in their numbers and hashes only.
type muteForm struct {
	Line  int    `json:"line"`
	Count int    `json:"count"`
	Text  string `json:"text"`
	form  string
}

func (p *parseStats) add(number int, line []byte, said []nodelog.Event) {
	p.Lines++
	if len(said) > 0 {
		p.Spoke++
	} else if looksSpeaking(line) {
		p.suspect(number, line)
	}
	if p.Kinds == nil {
		p.Kinds = map[string]int{}
	}
	for _, e := range said {
		p.Kinds[kindOf(e)]++
	}
}

// kindOf is what an event is counted under. Facts and causes have their names,
// of which a parser has few.
func kindOf(e nodelog.Event) string {
	switch e.Kind {
	case nodelog.FactGiven, nodelog.FatalCause, nodelog.FactUnknown:
		return string(e.Kind) + " " + e.Name
	}
	return string(e.Kind)
}

// looksSpeaking says whether a line looks as if it says something: it names a
// number behind "#", or trouble.
func looksSpeaking(line []byte) bool {
	for at := 0; ; at++ {
		next := bytes.IndexByte(line[at:], '#')
		if next < 0 {
			break
		}
		if at += next; at+1 < len(line) && logtext.IsDigit(line[at+1]) {
			return true
		}
	}
	lower := bytes.ToLower(line)
	return bytes.Contains(lower, []byte("error")) || bytes.Contains(lower, []byte("panic")) || bytes.Contains(lower, []byte("fatal"))
}

func (p *parseStats) suspect(number int, line []byte) {
	p.Suspect++
	text := oneLine(string(withoutColours(line)))
	form := varying.ReplaceAllString(text, "0")
	i := slices.IndexFunc(p.Forms, func(f *muteForm) bool { return f.form == form })
	if i >= 0 {
		p.Forms[i].Count++
	} else if len(p.Forms) < maxForms {
		p.Forms = append(p.Forms, &muteForm{Line: number, Count: 1, Text: text, form: form})
	}
}

// varying are numbers and hashes.
var varying = regexp.MustCompile(`[0-9A-Za-z]*[0-9][0-9A-Za-z]*`)

// write writes the statistics.
func (p *parseStats) write(w io.Writer, asJSON bool) error {
	if asJSON {
		return encodeLine(w, map[string]*parseStats{"stats": p})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d lines, of which %d said something and %d nothing\n", p.Lines, p.Spoke, p.Lines-p.Spoke)
	kinds := make([]string, 0, len(p.Kinds))
	for kind := range p.Kinds {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int { return cmp.Or(p.Kinds[b]-p.Kinds[a], cmp.Compare(a, b)) })
	for _, kind := range kinds {
		fmt.Fprintf(&b, "%8d  %s\n", p.Kinds[kind], kind)
	}
	fmt.Fprintf(&b, "\n%d lines said nothing but look as if they should\n", p.Suspect)
	shown := 0
	for _, f := range p.Forms {
		fmt.Fprintf(&b, "%8d  like line %d: %s\n", f.Count, f.Line, f.Text)
		shown += f.Count
	}
	if shown < p.Suspect {
		fmt.Fprintf(&b, "%8d  in other forms\n", p.Suspect-shown)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
