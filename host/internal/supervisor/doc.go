// Package supervisor runs plugins: processes that it starts, configures, asks
// after, starts again with a growing pause when they die, and ends. The death
// of a plugin never ends the host, and no plugin outlives it.
//
// The life of a [Plugin]:
//
//	           launch, handshake, configure
//	starting ------------------------------> up
//	   ^                |                     |
//	   |                | any of them fails   | process gone, or health check
//	   |                v                     v not answered twice: killed
//	   +----------- pausing <-----------------+
//	     pause over
//
// A plugin sees of the host's environment only the usual few variables and those
// that its block names. Each host has a socket folder of its own. Three things
// see to it that no process is left: the supervisor ends what it started; the
// kernel kills a process whose host died; and the process itself ends when its
// lifeline, a pipe from the host, closes.
package supervisor
