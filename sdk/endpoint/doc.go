// Package endpoint is for plugins that ask servers over HTTP: what every such
// plugin would otherwise write anew, and get wrong in the same places.
//
// An [Address] is a URL of which only scheme and host are ever shown. An
// [Endpoint] asks one server: bounded answers, no redirects, a time-out, and
// the pauses that the server asks for. A [HeadSource] is a whole head source of
// several endpoints, by means of a [Failover].
//
// The package knows no chain and reads no answer. No text that leaves it, in an
// error or a log, holds more of an address than its scheme and host.
package endpoint
