// Package logtext reads what stands around the message of a log line, whoever
// put it there: the colours of a terminal, stamps, and what programs that keep
// logs put in front. It is for the authors of log parsers. It knows no chain and
// no message, looks at no clock, and changes no text that it is given.
package logtext
