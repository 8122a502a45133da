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
  heads = [action.restart]
  parser = action.restart
  action = log_parser.aleph
  logs {
    from = head_source.onfinality
  }
}
