// Package config turns the text of a configuration into a [Config] value and
// says, with file, line and a hint, everything that is wrong with it.
//
// It works in two passes. [Parse] reads the host's own language: blocks,
// references, rules, conditions. What stands in a config or target block
// belongs to a plugin; [PluginBlock.DecodeConfig] and [Monitor.DecodeTarget]
// check it against the schema that the plugin publishes.
//
// Package config starts no process, opens no connection and reads no file but
// the configuration itself. What it knows of the environment it is given.
package config
