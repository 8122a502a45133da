head_source "onfinality" {
  plugin = "rpc-onfinality"
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
  block_lag "severe" {
    lag_above = producing ? "many" : 100
  }
  block_lag "moderate" {
    lag_above = producing ? -5 : (major_sync ? 2.5 : 20)
  }
  sync_stall {
    lag_above = producing ? null : 100
  }
  falling_behind {
    lag_above = producing ? 100 : true
  }
}
