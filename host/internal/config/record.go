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

// readRecord reads the record block; nil where there is none, or where its dir
// comes to null, as env() of a variable that is not set may.
func readRecord(s hcltext.Section) *Record {
	if !s.Given {
		return nil
	}
	r := &Record{MaxSize: s.Size("max_size"), MaxAge: s.Duration("max_age"), Lines: s.Text("log") == "lines"}
	if _, ok := s.Raw("dir"); !ok && s.Written("dir") != nil {
		return nil // null, or a mistake that was reported
	}
	r.Dir = s.Text("dir")
	return r
}

func isNotBlank(text string) bool { return strings.TrimSpace(text) != "" }
