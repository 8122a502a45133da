# What the demo runs headwatch with: the drop-in, in a hurry.

head_source "chain" {
  plugin = "rpc-onfinality"
  config { url = env("RPC_URL") }
}

log_parser "aleph" { plugin = "alephlog-parser" }

action "restart" {
  plugin  = "docker-restart"
  env     = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
  timeout = "30s"
}

monitor "demo" {
  interval = env("CHECK_INTERVAL")
  heads    = [head_source.chain]
  parser   = log_parser.aleph
  action   = action.restart
  target { container = env("CONTAINER_NAME") }

  block_lag "severe" { lag_above = env("BLOCK_LAG") }
  block_lag "moderate" { enabled = false }
  cooldown { after_action = env("COOLDOWN") }
}
