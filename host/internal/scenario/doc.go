// Package scenario reads tests of rules and runs them. A test is a history, or
// a recorded trace, and what the rules should decide over it.
//
// A history becomes an ordinary trace, and package trace drives the engine over it,
// as in a replay. The engine is the one that decides live, so a test cannot differ
// from it. The package starts no process and contacts nothing; the log parser is
// given to it. It never reads the environment, so that a test has the same result on
// every machine.
package scenario
