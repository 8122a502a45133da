head_source "first" {
  plugin = "rpc-onfinality"
}
head_source "own" {
  plugin = "rpc-onfinality"
}
action "restart" {
  plugin = "docker-restart"
}
monitor "one" {
  heads  = [head_source.first, head_source.own]
  node   = head_source.own
  action = action.restart
  target {
    container = "node"
  }
}
monitor "two" {
  heads  = [head_source.first]
  node   = action.restart
  action = action.restart
  target {
    container = "other"
  }
}
monitor "three" {
  heads  = [head_source.first]
  action = action.restart
  target {
    container = "third"
  }
}
