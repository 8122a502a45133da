// Package judge says which answers of head sources count, which height the
// network has reached, and whether it moves. Each provider has one vote, and what
// counts is the height that a majority of them has reached: it errs low, and low
// means fewer restarts. The judge keeps no maximum and no speed: a height that no
// source says any more must not count.
//
// It is as pure as package rule: what it remembers is in [Memory], and the time is
// an argument.
package judge
