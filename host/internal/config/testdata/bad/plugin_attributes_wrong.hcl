head_source "onfinality" {
  plugin = "rpc-onfinality"
}
log_parser "aleph" {
  plugin = "alephlog-parser"
}
action "restart" {
  plugin = "docker-restart"
  env     = ["DOCKER_HOST=unix:///x", "1x"]
  timeout = 0
  mtls    = "maybe"
  sha256  = "abc"
  max_age = 3
}
monitor "aleph" {
  heads  = [head_source.onfinality]
  parser = log_parser.aleph
  action = action.restart
}
