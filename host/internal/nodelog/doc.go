// Package nodelog is what the log of a node says: the [Event] that a parser
// makes of a line, and the [Readings] that the events of one run leave. It is as
// pure as package rule, whose engine keeps the readings.
package nodelog
