// Package trace reads and writes recorded runs, and drives the engine of
// package rule over one in virtual time.
//
// A trace is a file of JSON lines. Each is one observation of one monitor, or a
// check. Reading is lenient: a line that is broken or unknown is reported with
// its number and skipped, and the rest is used. A replay contacts nothing: of
// all plugins only the log parser runs.
package trace
