package parselog

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/sdk/logtext"
)

// maxLogLine is how much of a line is kept, in bytes: as much as the host takes
// from an engine.
const maxLogLine = 256 << 10

// logLines reads lines of any length, of which it keeps the start.
type logLines struct{ in *bufio.Reader }

func newLogLines(in io.Reader) *logLines { return &logLines{bufio.NewReaderSize(in, 64<<10)} }

// next is the next line, without its end. It waits for one.
func (l *logLines) next() ([]byte, error) {
	line := []byte{}
	for {
		piece, err := l.in.ReadSlice('\n')
		line = append(line, piece[:min(len(piece), maxLogLine+1-len(line))]...)
		switch {
		case err == nil, errors.Is(err, io.EOF) && len(line) > 0:
			line, _ = bytes.CutSuffix(line, []byte("\n"))
			return line[:min(len(line), maxLogLine)], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// ready says whether next will not wait.
func (l *logLines) ready() bool {
	there, _ := l.in.Peek(l.in.Buffered())
	return bytes.IndexByte(there, '\n') >= 0
}

// saidJSON is an event of a line as JSON shows it.
type saidJSON struct {
	Line  int     `json:"line"`
	Stamp string  `json:"stamp,omitempty"`
	Kind  string  `json:"kind"`
	Num   *uint64 `json:"number,omitempty"`
	Name  string  `json:"name,omitempty"`
	Value any     `json:"value,omitempty"`
	Text  string  `json:"text,omitempty"`
	Cures *bool   `json:"restart_cures,omitempty"`
}

func printSaidJSON(w io.Writer, number int, line []byte, e nodelog.Event) error {
	said := saidJSON{Line: number, Stamp: stampOf(line), Kind: string(e.Kind), Name: e.Name, Value: e.Value, Text: e.Text}
	if numbered(e.Kind) {
		said.Num = &e.Number
	}
	if e.Kind == nodelog.FatalCause {
		said.Cures = &e.Cures
	}
	return encodeLine(w, said)
}

func encodeLine(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

func printSaid(w io.Writer, number int, line []byte, e nodelog.Event) error {
	row := fmt.Sprintf("%6d  %-23s  %-15s  %s", number, cmp.Or(stampOf(line), "-"), e.Kind, oneLine(valueOf(e)))
	_, err := fmt.Fprintln(w, strings.TrimRight(row, " "))
	return err
}

// valueOf is what an event says beside its kind.
func valueOf(e nodelog.Event) string {
	switch e.Kind {
	case nodelog.FactGiven:
		if number, ok := e.Value.(float64); ok {
			return fmt.Sprintf("%s = %.15g", e.Name, number)
		}
		return fmt.Sprintf("%s = %v", e.Name, e.Value)
	case nodelog.FactUnknown:
		return e.Name + ": " + e.Text
	case nodelog.FatalCause:
		cured := "no restart cures it"
		if e.Cures {
			cured = "a restart may cure it"
		}
		return fmt.Sprintf("%s (%s): %s", e.Name, cured, e.Text)
	case nodelog.NodeStarted:
		return e.Text
	}
	if numbered(e.Kind) {
		return fmt.Sprint(e.Number)
	}
	return ""
}

// numbered says whether an event of this kind has a number, which may be 0.
func numbered(kind nodelog.EventKind) bool {
	switch kind {
	case nodelog.BlockImported, nodelog.BlockBest, nodelog.BlockFinalized, nodelog.BlockPrepared, nodelog.BlockSealed, nodelog.SessionStarted:
		return true
	}
	return false
}

// stampOf is the node's own stamp in a line, empty where there is none.
func stampOf(line []byte) string {
	plain := withoutColours(line)
	s := logtext.FindStamp(plain)
	return oneLine(strings.Trim(string(plain[s.Start:s.End]), "[]"))
}

// withoutColours is the start of a line without its colours.
func withoutColours(line []byte) []byte {
	line = line[:min(len(line), maxShown)]
	if logtext.HasColour(line) {
		return logtext.AppendPlain(nil, line)
	}
	if logtext.HasSpelledColour(line) {
		return logtext.AppendUnspelled(nil, line)
	}
	return line
}

// oneLine is a text of a node without what would move a terminal's cursor.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}
