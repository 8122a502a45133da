head_source "onfinality" {
  plugin = "rpc-onfinality"
  config {
    url = "http://x"
    api_key = format("%d", "s3cret")
  }
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
  target {
    container = "azero"
  }
}
