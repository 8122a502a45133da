head_source "net" {
  plugin = "rpc-onfinality"
}

log_parser "words" {
  plugin = "words"
}

action "restart" {
  plugin = "docker-restart"
}

monitor "m" {
  heads  = [head_source.net]
  parser = log_parser.words
  action = action.restart

  target {
    container = env("CONTAINER_NAME", "azero")
  }

  block_lag "severe" {
    lag_above = env("LIMIT", 100)
  }

  rule "few_peers" {
    when    = fact.peers < 3
    for     = "2m"
    message = "${fact.peers} peers"
  }
}
