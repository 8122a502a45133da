head_source "public" {
  plugin = "rpc-onfinality"
}

head_source "own" {
  plugin = "rpc-onfinality"
}

log_parser "words" {
  plugin = "words"
}

action "restart" {
  plugin = "docker-restart"
}

defaults {
  heads  = [head_source.public, head_source.own]
  parser = log_parser.words
  action = action.restart
}

monitor "one" {
  target {
    container = "first"
  }
}

monitor "two" {
  interval = "30s"

  target {
    container = "second"
  }
}
