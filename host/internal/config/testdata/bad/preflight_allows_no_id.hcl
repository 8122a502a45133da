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
  preflight {
    allow = ["same data"]
  }
}
