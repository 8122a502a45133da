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
  rule "a" {
    when = (producing ? "many" : 5) > lag
  }
  rule "b" {
    when = max(major_sync ? (producing ? "few" : 1) : 5, 3) > lag
  }
  rule "c" {
    when = !(producing ? lag : 5)
  }
}
