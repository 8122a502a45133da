// Package rule decides. It takes what was seen of one node (its target, its
// log, the network's heads, what was done to it) with the time each was seen,
// and answers each check with a [Verdict].
//
// An [Engine] is pure: it has no clock, reads no file, writes no log and starts
// no goroutine. The same observations give the same verdicts, live, in replay
// and in tests. What is not known is never a number here: every [fact.Fact] is known
// or unknown, and nothing acts on one that is unknown.
package rule
