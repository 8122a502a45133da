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
    when    = producing
    message = "%{ if lag }x%{ endif }"
  }
  rule "b" {
    when    = producing
    message = "%{ if producing }${floor(producing)}%{ endif }"
  }
  rule "c" {
    when    = producing
    message = "%{ for x in [lag] }${x}%{ endfor }"
  }
}
