// Package dockerrestart is the action plugin for a container on a Docker
// Engine: it inspects the container, follows its log and restarts it.
//
// Its parts, from the outside in:
//
//	plugin      what the host calls: Inspect, ReadLog, Execute
//	resolver    from what the operator wrote to one container, or none
//	follower    the log: catches up, follows, and goes on where it was cut off
//	splitter    bytes of a log stream to records, in place
//	joiner      records to lines: stamps off, pieces of a long line together
//	window      what was delivered of late: the anchor to go on from
//	operation   one restart: check, send, and see what became of it
//	engine      the Docker client, the only file that knows it
//
// The package never creates, removes, pauses or executes anything, never acts
// on a container by a name or a shortened id, and never starts one that
// somebody stopped.
package dockerrestart
