// Command log-regexp is a log parser of headwatch that is configured, not
// programmed: regular expressions say which lines mean what.
package main

import "github.com/headwatch/headwatch/plugins/log-regexp/logregexp"

func main() { logregexp.Main() }
