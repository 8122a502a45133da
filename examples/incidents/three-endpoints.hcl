# The drop-in, monitor.hcl, with three head sources: for incidents in which they do
# not agree.
head_source "first" {
  plugin = "rpc-onfinality"
}

head_source "second" {
  plugin = "rpc-onfinality"
}

head_source "third" {
  plugin = "rpc-onfinality"
}

log_parser "aleph" {
  plugin = "alephlog-parser"
}

action "restart" {
  plugin  = "docker-restart"
  timeout = "150s"
}

monitor "aleph" {
  profile = env("PROFILE", "predecessor")

  heads  = [head_source.first, head_source.second, head_source.third]
  parser = log_parser.aleph
  action = action.restart

  target {
    container = env("CONTAINER_NAME")
  }
}
