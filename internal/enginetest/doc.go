// Package enginetest is a test kit for everything that speaks to a Docker
// Engine: a stand-in engine in this process, with faults on demand, and ways
// to run the same tests against a real one.
//
// The stand-in serves the part of the Engine API that a watcher of containers
// uses, and the little that tests need to make containers: ping, version,
// create, inspect, list, logs, start, stop, restart, kill, pause, rename, update,
// wait, remove, info and events. It is meant to be wrong in the same ways as a
// real engine; a table of cases in this package runs against both and keeps it
// so. What it does not imitate is said at the function concerned.
//
// [Start] runs one for a test; [New] and [Engine.Run] serve other uses. A
// container runs a [program.Func], by default package script, and a test may
// write to its log with [Container.Emit]. Faults of the API are injected with
// [Engine.Inject], the death of the engine with [Engine.Die].
//
// [RealEngine] and [Image] give a test the real engine, or skip it.
//
// It must not import the host or any plugin.
package enginetest
