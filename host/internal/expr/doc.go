// Package expr is the language over facts: conditions, thresholds and messages,
// with their functions. Everything about an expression that can be told before
// any fact is known is checked when it is read.
//
// It decides nothing: an expression is evaluated over the facts that it is given.
package expr
