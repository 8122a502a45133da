// Package witness is what a node's own endpoint says of the node in one run: a second
// witness beside its log. It says what of that is believed, what it adds to the facts
// of the log, and where the two contradict each other.
//
// It is as pure as package rule: the time is an argument, and what is remembered is in
// [Report].
package witness
