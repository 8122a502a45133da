# Several nodes on one Docker Engine, with different settings. What they have in
# common stands in defaults; what a monitor says itself wins, attribute by
# attribute, inside the blocks too.

host {
  # dry_run = true would run every rule and restart nothing.
  state_dir = env("HEADWATCH_STATE_DIR", "/var/lib/headwatch")

  http {
    listen = "127.0.0.1:9464"
  }
}

# Three independent views of the same network: what a majority of them has reached
# counts, so that one of them may be down, or lie. Each is another provider's.
head_source "public" {
  plugin = "rpc-onfinality"

  config {
    url = env("RPC_URL", "https://aleph-zero.api.onfinality.io/public")
  }
}

head_source "second" {
  plugin = "rpc-onfinality"

  config {
    url = env("SECOND_RPC_URL", "https://rpc.azero.dev")
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
  profile  = "careful" # headwatch config --profile careful prints it
  interval = "30s"
  heads    = [head_source.public, head_source.second, head_source.own]
  parser   = log_parser.aleph
  action   = action.restart

  cooldown {
    after_action  = "10m"
    after_failure = "2m"
  }

  # A rule of one's own: a condition over facts. One that needs a fact which is
  # not known does not fire. The guards of the profile hold it too.
  rule "no_logs" {
    when    = log_age > duration("15m")
    for     = "2m"
    message = "no log line for ${floor(log_age)}s"
  }
}

# A validator: checked often, restarted late, and left alone sooner where a restart
# does not help. A restart costs it a session.
monitor "validator" {
  interval = "15s"

  target {
    container = env("VALIDATOR_CONTAINER", "aleph-validator")
  }

  block_lag "severe" {
    for = "4m"
  }

  block_lag "moderate" {
    enabled = false
  }

  sync_stall {
    for = "5m"
  }

  budget {
    actions = 2
    per     = "12h"
  }
}

# An archive node: slow to catch up, and in bursts, so a restart must not cut it short.
monitor "archive" {
  interval = "2m"

  target {
    container = env("ARCHIVE_CONTAINER", "aleph-archive")
  }

  logs {
    tail = 20000
  }

  catching_up {
    patience = "30m"
  }

  cooldown {
    after_action = "30m" # after_failure stays at 2m
  }
}

# A node of a Compose project, found by its service: it may be re-created under
# another name. It follows the defaults but for the silence it may keep.
monitor "rpc" {
  target {
    service = "aleph-rpc"
  }

  rule "no_logs" {
    when    = log_age > duration("5m")
    message = "no log line for ${floor(log_age)}s, lag ${lag}"
  }
}
