// Package parselog shows what a log parser reads from a log that is given to it by
// hand, and which lines say nothing though they look as if they should. It judges
// nothing, and keeps no more of the log than one batch.
package parselog
