log_parser "own" {
  plugin = "log-regexp"
  config {
    pattern {
      name  = "peers"
      match = "peers=(?P<peers>\d+)"
    }
  }
}
