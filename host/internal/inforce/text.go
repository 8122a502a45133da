package inforce

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// widest is how far to the right the places of values are aligned.
const widest = 44

// WriteText writes blocks as HCL, with a comment for each value that says where it
// comes from.
func WriteText(w io.Writer, all []Block) error {
	for i, b := range all {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(w, b.text("")); err != nil {
			return err
		}
	}
	return nil
}

func (b Block) text(indent string) string {
	var out strings.Builder
	head := b.Name
	if b.Label != "" {
		head += " " + strconv.Quote(b.Label)
	}
	fmt.Fprintf(&out, "%s%s {\n", indent, head)
	inner := indent + "  "
	width := 0
	for _, set := range b.Attributes {
		width = max(width, len(set.line()))
	}
	for _, set := range b.Attributes {
		fmt.Fprintf(&out, "%s%-*s  # %s\n", inner, min(width, widest), set.line(), set.comment())
	}
	for i, child := range b.Blocks {
		if i > 0 || len(b.Attributes) > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(child.text(inner))
	}
	if len(b.Off) > 0 {
		fmt.Fprintf(&out, "\n%s# not in force, for no block switches them on: %s\n", inner, strings.Join(b.Off, ", "))
	}
	fmt.Fprintf(&out, "%s}\n", indent)
	return out.String()
}

// line is the attribute as it could be written; one without a constant value as a
// comment.
func (s Setting) line() string {
	if s.Value == "" {
		return "# " + s.Name + ": " + s.Otherwise
	}
	return s.Name + " = " + s.Value
}

func (s Setting) comment() string {
	if s.Written == "" {
		return s.From
	}
	return s.From + ", " + s.Written
}

// Redact takes out of every value what must not be shown.
func (b *Block) Redact(clean func(text string) string) {
	for i := range b.Attributes {
		set := &b.Attributes[i]
		set.Value, set.Written = clean(set.Value), clean(set.Written)
	}
	for i := range b.Blocks {
		b.Blocks[i].Redact(clean)
	}
}
