test "a" {
  acts    = 0
  config {
    head_source "net" {
      plugin = "rpc-onfinality"
    }
    log_parser "aleph" {
      plugin = "alephlog-parser"
    }
    action "restart" {
      plugin = "docker-restart"
    }
    monitor "m" {
      heads   = [head_source.net]
      parser  = log_parser.aleph
      action  = action.restart
      intervl = "1m"
      block_lag "severe" {
        lag_above = env("LIMIT")
      }
    }
  }
  history {
    check {
    }
  }
}
