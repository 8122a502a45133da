# The drop-in, with a head source and a log parser in Python. mtls is off: a
# plugin in another language does not speak go-plugin's TLS.
head_source "python" {
  plugin = "./substrate-head"
  mtls   = false
  config {
    url = env("RPC_URL", "https://aleph-zero.api.onfinality.io/public")
  }
}

log_parser "python" {
  plugin = "./substrate-log"
  mtls   = false
}

action "restart" {
  plugin = "docker-restart"
  env    = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
}

monitor "aleph" {
  interval = env("CHECK_INTERVAL", "60")
  heads    = [head_source.python]
  parser   = log_parser.python
  action   = action.restart
  target {
    container = env("CONTAINER_NAME")
  }
  block_lag "moderate" {
    lag_above = env("BLOCK_LAG_20", 20)
  }
  cooldown {
    after_action = env("COOLDOWN", "300")
  }
}
