host {
  plugin_dir = 5
  state_dir  = ["a"]
  dry_run    = "perhaps"
  http {
    listen = "9464"
  }
}
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
}
