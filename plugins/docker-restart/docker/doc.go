// Package docker is the plugin's seam to a Docker Engine: connections, calls
// with deadlines, and what containers and events are. No type of the Docker
// client leaves it. Errors keep the classes of package errdefs; [Engine.Explain]
// puts them into words.
//
// It acts on a container by its full id only, and never creates, removes,
// pauses or executes anything.
package docker
