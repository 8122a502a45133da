// Package fact is what rules read: a [Fact] is a value of a node, of its network
// or of the clock at one check, or the reason why there is none. It computes
// nothing.
package fact
