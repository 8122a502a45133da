// Package record keeps what the engines of a running host see, as traces: one
// recording for each monitor, cut into files that are compressed when they are
// closed, and thrown away when they are old or too many.
//
// A recording is exact: a replay of it with the same configuration comes to the
// same verdicts, check by check. A recording is also the lesser good: it never
// stops, delays or changes the watching. What cannot be written is left out,
// counted and marked in the recording itself.
//
// Nothing secret is written: of an address its scheme and host, of what a
// plugin calls sensitive nothing.
package record
