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
    when = producing ? lag > 5 : 7
  }
  rule "b" {
    when = (producing ? true : lag) && major_sync
  }
}
