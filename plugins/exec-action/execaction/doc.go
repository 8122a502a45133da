// Package execaction is an action that runs commands: one that acts, one that
// tells what state the target is in, and those that print its log. So a service
// manager, another container engine or a script can be the mechanism.
//
// It must never run anything but what the configuration says: a command is a
// list of arguments that no value can add to, no shell reads it unless that was
// asked for, and a program that others may write is not run. What a command
// says is believed only in the form that is documented; all else is an error,
// and never a state. An act is begun at most once for each request, also where
// this process dies in the middle of it.
package execaction
