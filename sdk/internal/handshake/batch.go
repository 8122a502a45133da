package handshake

// Bounds on a batch of log lines: its number and its text in bytes.
const (
	MaxBatchLines = 1000
	MaxBatchBytes = 256 << 10
)

// Fitting is how many of so many lines fit into one batch: at least one, where
// there is one. size is the length of a line's text.
func Fitting(lines int, size func(line int) int) int {
	total := 0
	for i := range lines {
		total += size(i)
		if i > 0 && (i >= MaxBatchLines || total > MaxBatchBytes) {
			return i
		}
	}
	return lines
}

// Cut is a line's text as far as it fits into a batch, and whether its end is
// missing.
func Cut(text []byte) (fitting []byte, cut bool) {
	if len(text) <= MaxBatchBytes {
		return text, false
	}
	return text[:MaxBatchBytes], true
}
