head_source "onfinality" {
  plugin = "rpc-onfinality"
}
log_parser "aleph" {
  plugin = "alephlog-parser"
}
action "restart" {
  plugin = "docker-restart"
  timeot = "2m"
}
monitor "aleph" {
  interval = "soon"
  heads = [head_source.x]
  parser = log_parser.aleph
  target {
    container = env("CONTAINER_NAME")
  }
  block_lag "severe" {
    lag_above = "abc"
    unless    = produzing
  }
}
