// Package dockerrestart is the action plugin for a container on a Docker
// Engine: it inspects the container, serves its log and restarts it.
//
// Its parts, from the outside in:
//
//	plugin      what the host calls: Inspect, ReadLog, Execute
//	resolver    from what the operator wrote to one container, or none
//	act         one restart: check, send, and see what became of it
//	endings     how runs ended, by the engine's events
//
// The package never acts on a container by a name or a shortened id, and never
// starts one that somebody stopped.
package dockerrestart
