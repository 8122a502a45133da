// Command exec-action is a headwatch plugin: an action that runs commands.
package main

import "github.com/headwatch/headwatch/plugins/exec-action/execaction"

func main() { execaction.Main() }
