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
  rule "x" {
    when = producing ? lag : 5
  }
  rule "y" {
    when = lag ? true : false
  }
  rule "z" {
    when = producing ? lag > 5 : lag > major_sync
  }
}
