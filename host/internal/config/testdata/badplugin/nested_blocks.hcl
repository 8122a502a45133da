head_source "onfinality" {
  plugin = "rpc-onfinality"
  config {
    url = "http://x"
    endpoint {
      weight = 1
    }
    endpoint {
      url    = "a"
      wieght = 2
    }
    retry {
      max = "many"
    }
    retry {
    }
    auth "x" {
      user = "me"
    }
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
