host {
  http {
    listen = "127.0.0.1:99464"
  }
}
head_source "onfinality" {
  plugin = "rpc-onfinality"
}
log_parser "aleph" {
  plugin = "alephlog-parser"
}
action "restart" {
  plugin = "docker-restart"
}
monitor "aleph" {
  heads  = [head_source.onfinality]
  parser = log_parser.aleph
  action = action.restart
}
