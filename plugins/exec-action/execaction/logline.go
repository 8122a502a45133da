package execaction

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// longestLine is more than a line of a node is; longer ones lose their end.
// longestRecord is the same for a line of journalctl's JSON.
const (
	longestLine   = 256 << 10
	longestRecord = 1 << 20
)

// lineReader cuts an output into lines and reads their stamps.
type lineReader struct {
	format string
	from   *bufio.Reader
	last   time.Time // stamp of the line before
}

func newLineReader(format string, from io.Reader) *lineReader {
	return &lineReader{format: format, from: bufio.NewReaderSize(from, 64<<10)}
}

// next is the next line, its text copied. A line without a stamp of its own
// belongs to the one before it; where there is none it is left out. What has no
// line end at the end of the output is no line.
func (r *lineReader) next() (sdk.Line, error) {
	for {
		raw, cut, err := r.raw()
		if err != nil {
			return sdk.Line{}, err
		}
		line := sdk.Line{Truncated: cut}
		var ok bool
		switch r.format {
		case formatPlain:
			line.Time, line.Text, ok = time.Now(), raw, true
		case formatJournal:
			ok = readJournal(raw, &line)
			if !ok {
				continue // what is no record is a remark of journalctl's
			}
		default:
			ok = readStamp(r.format, raw, &line)
		}
		if !ok {
			line.Time, line.Text = r.last, raw
		}
		if line.Time.IsZero() {
			continue
		}
		r.last = line.Time
		if len(line.Text) > longestLine {
			line.Text, line.Truncated = line.Text[:longestLine], true
		}
		line.Text = bytes.Clone(line.Text)
		return line, nil
	}
}

// raw is the next line without its end, valid until the next call.
func (r *lineReader) raw() (line []byte, cut bool, err error) {
	var long []byte
	for {
		piece, err := r.from.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, false, err
		}
		if long == nil && err == nil {
			return bytes.TrimSuffix(piece[:len(piece)-1], []byte("\r")), false, nil
		}
		if room := longestRecord - len(long); room < len(piece) {
			piece, cut = piece[:room], true
		}
		long = append(long, piece...)
		if err == nil {
			return bytes.TrimRight(long, "\r\n"), cut, nil
		}
	}
}

// readStamp reads a line that begins with a stamp and a blank.
func readStamp(format string, raw []byte, into *sdk.Line) bool {
	stamp, text, found := bytes.Cut(raw, []byte(" "))
	if !found || len(stamp) > 40 {
		stamp, text = raw[:min(len(raw), 40)], nil
	}
	var at time.Time
	var err error
	if format == formatUnix {
		at, err = parseUnix(string(stamp))
	} else if at, err = time.Parse(time.RFC3339Nano, string(stamp)); err != nil {
		at, err = time.Parse("2006-01-02T15:04:05-0700", string(stamp)) // journalctl's
	}
	if err != nil || len(stamp) == 0 {
		return false
	}
	into.Time, into.Text = at.UTC(), text
	return true
}

// readJournal reads a record of journalctl --output=json.
func readJournal(raw []byte, into *sdk.Line) bool {
	var record struct {
		At      string          `json:"__REALTIME_TIMESTAMP"`
		Message json.RawMessage `json:"MESSAGE"`
	}
	if json.Unmarshal(raw, &record) != nil {
		return false
	}
	micros, err := strconv.ParseInt(record.At, 10, 64)
	if err != nil || micros <= 0 {
		return false
	}
	into.Time = time.UnixMicro(micros).UTC()
	var text string
	var numbers []uint16
	switch {
	case len(record.Message) == 0 || string(record.Message) == "null":
		into.Truncated = true // too long for journalctl without --all
	case json.Unmarshal(record.Message, &text) == nil:
		into.Text = []byte(text)
	case json.Unmarshal(record.Message, &numbers) == nil:
		// Bytes that are not UTF-8 are listed.
		for _, n := range numbers {
			into.Text = append(into.Text, byte(n))
		}
	}
	return true
}
