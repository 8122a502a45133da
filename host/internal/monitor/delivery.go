package monitor

import (
	"github.com/cespare/xxhash/v2"

	"github.com/headwatch/headwatch/sdk"
)

// lineKey stands for a line of a log: its stamp and its text.
type lineKey struct {
	at   int64
	text uint64
}

func keyOf(line sdk.Line) lineKey {
	return lineKey{at: line.Time.UnixNano(), text: xxhash.Sum64(line.Text)}
}

// addKeys adds the keys of lines and keeps the last [tailLines].
func addKeys(to []lineKey, lines []sdk.Line) []lineKey {
	for _, line := range lines[max(0, len(lines)-tailLines):] {
		to = append(to, keyOf(line))
	}
	return to[max(0, len(to)-tailLines):]
}

// note takes note of lines that the stream delivers.
func (d *delivery) note(lines []sdk.Line) {
	for i := 0; i < len(lines) && len(d.missing) > 0; i++ {
		delete(d.missing, keyOf(lines[i]))
	}
	d.recent = addKeys(d.recent, lines)
}

// expect notes which lines of the log's end the stream has not delivered. What
// stands before the first that it has delivered is missing only where it is newer
// than the others: else it is older than all that was to be delivered.
func (d *delivery) expect(end []lineKey) {
	delivered := make(map[lineKey]bool, len(d.recent))
	for _, key := range d.recent {
		delivered[key] = true
	}
	first := 0
	for first < len(end) && !delivered[end[first]] {
		first++
	}
	d.missing = map[lineKey]bool{}
	for i, key := range end {
		older := i < first && first < len(end) && key.at <= d.recent[0].at
		if !delivered[key] && !older {
			d.missing[key] = true
		}
	}
}
