head_source "onfinality" {
  plugin = "rpc-onfinality"
  timeout = "${TIMEOUT}"
  config {
    url     = "${RPC_URL}"
    other   = "http://${NODE_HOST}:9933"
    api_key = S3CRETs3cret
    token   = S3CRET
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
  interval = CHECK_INTERVAL
  target {
    container = CONTAINER_NAME
  }
}
