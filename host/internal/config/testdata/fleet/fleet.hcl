# Several nodes with different settings, on the profile predecessor. What they have in
# common stands in defaults; what a monitor says itself wins, attribute by
# attribute, inside the blocks too.

host {
  # dry_run = true would run every rule and restart nothing.
  state_dir = env("HEADWATCH_STATE_DIR", "/var/lib/headwatch")

  http {
    listen = "127.0.0.1:9464"
  }
}

# Two independent views of the same network: the highest usable one counts, so
# one of them may be down.
head_source "public" {
  plugin = "rpc-onfinality"

  config {
    url = env("RPC_URL", "https://aleph-zero.api.onfinality.io/public")
  }
}

head_source "own" {
  plugin  = "rpc-onfinality"
  timeout = "5s"
  max_age = "45s" # a node of one's own that lags is of no use as a head

  config {
    url = env("OWN_RPC_URL", "ws://127.0.0.1:9944")
  }
}

log_parser "aleph" {
  plugin = "alephlog-parser"
}

action "restart" {
  plugin  = "docker-restart"
  env     = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
  timeout = "7m" # the stop_timeout below, and 75 seconds more

  config {
    stop_timeout = "5m" # a validator needs time to close its database
  }
}

defaults {
  interval = "30s"
  heads    = [head_source.public, head_source.own]
  parser   = log_parser.aleph
  action   = action.restart

  cooldown {
    after_action  = "10m"
    after_failure = "2m"
  }

  # A rule of one's own: a condition over facts. One that needs a fact which is
  # not known does not fire.
  rule "no_logs" {
    when    = log_age > duration("15m")
    for     = "2m"
    message = "no log line for ${floor(log_age)}s"
  }
}

# A validator: checked often, restarted late.
monitor "validator" {
  interval = "15s"

  target {
    container = env("VALIDATOR_CONTAINER", "aleph-validator")
  }

  block_lag "severe" {
    lag_above = 200
    for       = "2m"
  }

  block_lag "moderate" {
    enabled = false
  }

  sync_stall {
    for = "5m"
  }
}

# An archive node: slow to catch up, so a restart must not cut it short. unless
# takes the place of the one that a rule has by itself.
monitor "archive" {
  interval = "2m"

  target {
    container = env("ARCHIVE_CONTAINER", "aleph-archive")
  }

  logs {
    tail = 20000
  }

  block_lag "severe" {
    lag_above = 1000
    unless    = major_sync && sync_rate > 1
  }

  cooldown {
    after_action = "30m" # after_failure stays at 2m
  }
}

# A node of a Compose project, found by its service: it may be re-created under
# another name. It follows the defaults but for the silence it may keep.
monitor "rpc" {
  heads = [head_source.public]

  target {
    service = "aleph-rpc"
  }

  rule "no_logs" {
    when    = log_age > duration("5m")
    message = "no log line for ${floor(log_age)}s, lag ${lag}"
  }
}
