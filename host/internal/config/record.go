package config

import (
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// Record is what a host records, and for how long.
type Record struct {
	// Dir is the folder of the recordings.
	Dir string
	// MaxSize is the most that they may have together, in bytes.
	MaxSize int64
	// MaxAge is how long one is kept.
	MaxAge time.Duration
	// Lines says that the text of the log is recorded too.
	Lines bool
}

// readRecord reads the record block; nil where there is none.
func readRecord(s hcltext.Section) *Record {
	if !s.Given {
		return nil
	}
	return &Record{Dir: s.Text("dir"), MaxSize: s.Size("max_size"), MaxAge: s.Duration("max_age"), Lines: s.Text("log") == "lines"}
}

func isNotBlank(text string) bool { return strings.TrimSpace(text) != "" }
