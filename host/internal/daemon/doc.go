// Package daemon is a run of headwatch: it drops root, opens the state folder,
// the plugins and the HTTP endpoint, runs the monitors of the configuration, takes
// a new configuration in its place, and ends everything in order. It decides
// nothing about a node.
//
// The order of a reload, and of the end:
//
//	open the plugins of the new configuration that no running one serves
//	end the monitors that are gone or changed, each after its act
//	end the plugins that nobody uses any more
//	run the new plugins, then the new monitors
//
// A configuration that is refused changes nothing.
package daemon
