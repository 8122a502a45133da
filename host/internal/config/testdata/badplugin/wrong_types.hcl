head_source "onfinality" {
  plugin = "rpc-onfinality"
  config {
    url = ["a"]
    timeout = "soon"
    retries = 1.5
    ratio = "much"
    verify = "perhaps"
    urls = "http://x"
    headers = ["a"]
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
