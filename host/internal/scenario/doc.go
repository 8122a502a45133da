// Package scenario reads tests of rules and runs them. A test is a history, or
// a recorded trace, and what the rules should decide over it.
//
// A history becomes an ordinary trace, and package trace drives the engine over
// it, as it does in a replay and as the host does live: a test has no judge of
// its own that could be of another opinion. The package starts no process and
// contacts nothing; the log parser is given to it. It reads no variable of the
// environment, so that a test comes to the same everywhere.
package scenario
