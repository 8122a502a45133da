// Package dockerlog follows the log of one container: every line once and in
// the log's order, for as long as the engine has it, over restarts, re-creation,
// rotation and broken connections. What is missing is sent as a gap.
//
// Its parts, from the outside in:
//
//	Follower    catches up, follows, and goes on where it was cut off
//	beside      the log itself, beside a stream that says little
//	reading     one stream of the log, from its opening to its end
//	splitter    bytes of a stream to records, in place
//	joiner      records to lines: stamps off, pieces of a long line together
//	window      what was delivered of late: the anchor to go on from
//	batcher     lines to messages
//
// It reads and never acts on a container.
package dockerlog
