package dockerlog

import (
	"bytes"
	"fmt"
	"time"
)

// stamper reads the stamps before the records. The zero value is ready.
type stamper struct {
	second [len("2006-01-02T15:04:05")]byte // the last one read, since most lines share it with their neighbours
	unix   int64
}

// read splits a record into its stamp, in nanoseconds since 1970, and its
// text.
func (s *stamper) read(data []byte) (at int64, text []byte, err error) {
	space := bytes.IndexByte(data[:min(len(data), maxStamp)], ' ')
	if space < 0 {
		return 0, nil, fmt.Errorf("%w: no stamp in %q", errGarbage, data[:min(len(data), maxStamp)])
	}
	at, ok := s.quick(data[:space])
	if !ok {
		if at, err = parseStamp(data[:space]); err != nil {
			return 0, nil, err
		}
	}
	return at, data[space+1:], nil
}

// quick reads the one form that Docker writes, 2006-01-02T15:04:05.000000000Z.
func (s *stamper) quick(b []byte) (int64, bool) {
	const size = len("2006-01-02T15:04:05.000000000Z")
	if len(b) != size || b[19] != '.' || b[29] != 'Z' {
		return 0, false
	}
	if s.unix == 0 || string(b[:19]) != string(s.second[:]) {
		t, err := time.Parse("2006-01-02T15:04:05", string(b[:19]))
		if err != nil || !inRange(t) {
			return 0, false
		}
		s.unix = t.Unix()
		copy(s.second[:], b)
	}
	nanos := int64(0)
	for _, digit := range b[20:29] {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		nanos = nanos*10 + int64(digit-'0')
	}
	return s.unix*int64(time.Second) + nanos, true
}

// parseStamp reads any RFC 3339 stamp, as other engines write them.
func parseStamp(b []byte) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil || !inRange(t) {
		return 0, fmt.Errorf("%w: no stamp but %q", errGarbage, b)
	}
	return t.UnixNano(), nil
}

// inRange says whether t can be held in nanoseconds since 1970.
func inRange(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 2262 }
