head_source "onfinality" {
  plugin = "rpc-onfinality"
}
log_parser "aleph" {
  plugin = "alephlog-parser"
}
action "restart" {
  plugin = "docker-restart"
}
action "page" {
  plugin = "exec-action"
}
monitor "aleph" {
  heads  = [head_source.onfinality]
  parser = log_parser.aleph
  action = action.restart
  rule "a" {
    when   = producing
    action = action.page
  }
  rule "b" {
    when   = producing
    action = action.restrat
  }
  rule "c" {
    when   = producing
    action = "restart"
  }
}
