package trace

import (
	"encoding/json"
	"fmt"
	"io"
)

// Writer writes records as JSON lines that [Reader] reads back.
type Writer struct{ encoder *json.Encoder }

// NewWriter writes to w, a whole line at each call: a recording that is cut off
// loses its last line at most.
func NewWriter(w io.Writer) *Writer {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return &Writer{encoder: encoder}
}

// Write writes one record, its t in UTC. A record that a Reader would not take
// is refused.
func (w *Writer) Write(r Record) error {
	if err := r.valid(); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	r.T = r.T.UTC()
	if err := w.encoder.Encode(r); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}
