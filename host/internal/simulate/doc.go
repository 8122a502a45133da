// Package simulate lets rules live through nights that never were: a network that
// makes blocks and halts, head sources that fail and lie, and a node that catches
// up, wedges, crashes and answers to being restarted. The rules see what they would
// see live, in virtual time; a referee knows what is true, and says which restarts
// were wrong and which were missing.
//
// A night is made from a seed and comes out the same each time. The package decides
// nothing by itself and is no part of a running host.
package simulate
