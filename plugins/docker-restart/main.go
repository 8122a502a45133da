// Command docker-restart is the plugin of the same name; see package
// dockerrestart.
package main

import "github.com/headwatch/headwatch/plugins/docker-restart/dockerrestart"

func main() { dockerrestart.Main() }
