// Package plugin opens the plugin blocks of a configuration: it looks each plugin
// up, checks that it may be run, starts it, asks for its schema, decodes the block
// with it, has the plugin judge the result, and configures it. Whatever is wrong
// comes back as diagnostics of the file.
//
// A process that has judged its block is the one that runs it. No endpoint and no
// engine is contacted before a plugin is configured.
package plugin
