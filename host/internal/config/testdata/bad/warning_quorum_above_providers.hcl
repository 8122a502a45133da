head_source "first" {
  plugin = "rpc-onfinality"
  config {
    url = "https://one.example.org/KEY-s3cret"
  }
}
head_source "second" {
  plugin = "rpc-onfinality"
  config {
    urls = ["https://two.example.org", "wss://three.example.org/s3cret"]
  }
}
log_parser "aleph" {
  plugin = "alephlog-parser"
}
action "restart" {
  plugin = "docker-restart"
}
monitor "in_profile" {
  profile = "careful"
  heads   = [head_source.first, head_source.second]
  parser  = log_parser.aleph
  action  = action.restart
  target {
    container = "a"
  }
}
monitor "in_block" {
  heads  = [head_source.first, head_source.second]
  parser = log_parser.aleph
  action = action.restart
  target {
    container = "b"
  }
  head {
    quorum = 3
  }
}
