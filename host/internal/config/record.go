package config

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
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

// What is recorded unless a file says otherwise.
const (
	defaultRecordSize = 500_000_000
	defaultRecordAge  = 30 * 24 * time.Hour
	leastRecordSize   = 1_000_000
	leastRecordAge    = time.Hour
	// mostRecordSize is above any disk, and below what could overflow.
	mostRecordSize = 1 << 60
)

// readRecord reads the record block; nil where there is none.
func (s section) readRecord() *Record {
	if !s.given {
		return nil
	}
	r := &Record{MaxSize: s.size("max_size", defaultRecordSize), MaxAge: s.days("max_age", defaultRecordAge), Lines: s.readLogMode()}
	g, dir, ok := s.text("dir")
	switch {
	case ok && strings.TrimSpace(dir) == "":
		s.refuse(g, "a folder", "")
	case ok:
		r.Dir = dir
	case !g.given():
		s.missing("dir", `Write dir = "/var/lib/headwatch/trace" or another folder; it is made when missing.`)
	}
	return r
}

// given says whether the attribute stands in the file.
func (g given) given() bool { return g.Attribute != nil }

// The words for what is recorded of the log.
const (
	logEvents = "events"
	logLines  = "lines"
)

func (s section) readLogMode() (lines bool) {
	g, mode, ok := s.text("log")
	if !ok {
		return false
	}
	if mode != logEvents && mode != logLines {
		s.refuse(g, `"events" or "lines"`, firstOf(didYouMean(mode, []string{logEvents, logLines}),
			`"events" records what the parser reads in the log, "lines" its text as well.`))
	}
	return mode == logLines
}

// sizeForm is a size as it is written.
var sizeForm = regexp.MustCompile(`^\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*$`)

// sizeUnits are the units of a size.
func sizeUnits() map[string]float64 {
	return map[string]float64{"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}
}

const sizeHint = `A size is written "500MB", "2GB" or as a number of bytes.`

// size reads a number of bytes.
func (s section) size(name string, fallback int64) int64 {
	g, ok := s.attribute(name)
	if !ok {
		return fallback
	}
	size, ok := toSize(g.value)
	switch {
	case !ok:
		s.refuse(g, "a size", sizeHint)
	case size < leastRecordSize:
		s.refuse(g, "at least 1MB", sizeHint)
	default:
		return size
	}
	return fallback
}

func toSize(value cty.Value) (int64, bool) {
	text, ok := toText(value)
	if !ok {
		return 0, false
	}
	parts := sizeForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, false
	}
	unit, known := sizeUnits()[strings.ToUpper(parts[2])]
	number, err := strconv.ParseFloat(parts[1], 64)
	if bytes := number * unit; known && err == nil && bytes < mostRecordSize {
		return int64(bytes), true
	}
	return 0, false
}

// dayForm is a duration that begins with days.
var dayForm = regexp.MustCompile(`^\s*([0-9]+(?:\.[0-9]+)?)d(.*)$`)

const dayHint = `A duration is written "30d", "12h", "1d12h" or as a number of seconds.`

// days reads a duration of an hour or more, with days.
func (s section) days(name string, fallback time.Duration) time.Duration {
	g, ok := s.attribute(name)
	if !ok {
		return fallback
	}
	d, err := toDays(g.value)
	switch {
	case err != nil:
		s.refuse(g, err.Error(), dayHint)
	case d < leastRecordAge:
		s.refuse(g, "at least 1h", dayHint)
	default:
		return d
	}
	return fallback
}

// toDays reads what toDuration reads, and days before it.
func toDays(value cty.Value) (time.Duration, error) {
	if value.IsNull() || !value.IsKnown() || value.Type() != cty.String {
		return toDuration(value)
	}
	parts := dayForm.FindStringSubmatch(value.AsString())
	if parts == nil {
		return toDuration(value)
	}
	number, err := strconv.ParseFloat(parts[1], 64)
	if err != nil {
		return 0, errNoDuration
	}
	days, err := fromSeconds(number * (24 * time.Hour).Seconds())
	if err != nil || strings.TrimSpace(parts[2]) == "" {
		return days, err
	}
	rest, err := toDuration(cty.StringVal(parts[2]))
	if err != nil {
		return 0, err
	}
	return fromSeconds((days + rest).Seconds())
}
