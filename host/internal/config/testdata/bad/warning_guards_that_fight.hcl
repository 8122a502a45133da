head_source "first" {
  plugin   = "rpc-onfinality"
  provider = "a"
}
head_source "second" {
  plugin   = "rpc-onfinality"
  provider = "b"
}
log_parser "aleph" {
  plugin = "alephlog-parser"
}
action "restart" {
  plugin = "docker-restart"
}
defaults {
  profile = "careful"
  heads   = [head_source.first, head_source.second]
  parser  = log_parser.aleph
  action  = action.restart
}
monitor "seldom" {
  interval = "4m"
  target {
    container = "a"
  }
  cooldown {
    after_action = "3h"
  }
}
monitor "without_head" {
  target {
    container = "b"
  }
  head {
    enabled = false
  }
}
