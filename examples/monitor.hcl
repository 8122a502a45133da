# Watches one node in a Docker container and restarts it when it falls behind
# its network. Everything here can be set by an environment variable; only
# CONTAINER_NAME has to be. env("NAME", "default") reads one, and an empty
# variable counts as unset. A duration is "90s", "5m" or a number of seconds.
#
# Try it with DRY_RUN=true first: every rule runs, and nothing is restarted.
# headwatch validate --config FILE checks a file and starts nothing.

# Where the network's newest block is asked for. http, https, ws and wss work.
head_source "onfinality" {
  plugin = "rpc-onfinality"

  config {
    url = env("RPC_URL", "https://aleph-zero.api.onfinality.io/public")
  }
}

# What reads the node's log lines.
log_parser "aleph" {
  plugin = "alephlog-parser"
}

# What restarts the container, and where its log comes from. A plugin sees
# nothing of the host's environment but PATH, HOME and the like, and what is
# named here. timeout bounds a restart: the time to stop, and 90 seconds more.
action "restart" {
  plugin  = "docker-restart"
  env     = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
  timeout = duration(env("STOP_TIMEOUT", "60")) + 90

  # How long the node may take to stop before it is killed. Unset, it is the
  # container's own time, which is Docker's 10 seconds unless it says otherwise.
  config {
    stop_timeout = env("STOP_TIMEOUT", null)
  }
}

# Where everything that the rules see is recorded, for headwatch why and replay.
# Unset, nothing is recorded.
record {
  dir = env("RECORD_DIR", null)
}

monitor "aleph" {
  # The time between two checks.
  interval = env("CHECK_INTERVAL", "60")

  heads  = [head_source.onfinality]
  parser = log_parser.aleph
  action = action.restart

  # The container to watch, by name or id. It is waited for when it is absent,
  # and never started when somebody stopped it.
  target {
    container = env("CONTAINER_NAME")
  }

  # How many lines of the log are read at the start.
  logs {
    tail = 5000
  }

  # What holds wherever a variable below is not set. "predecessor" has the numbers
  # of the script that came before; "careful" has times that fit any chain, and
  # guards for the nights in which a restart does harm.
  profile = env("PROFILE", "predecessor")

  # The rules, in the order in which they are asked; the first that holds
  # decides. lag is the newest block of the network minus that of the node.

  # After a restart, by whomever, nothing is done for this long.
  cooldown {
    after_action = env("COOLDOWN", null)
  }

  # Far behind: restart, whatever the node is doing.
  block_lag "severe" {
    lag_above = env("BLOCK_LAG_100", null)
  }

  # No new block for this long, and behind.
  sync_stall {
    for       = env("STALL_DURATION", null)
    lag_above = env("BLOCK_LAG_100", null)
  }

  # The lag has grown over this window, and the node is behind.
  falling_behind {
    window    = env("TREND_WINDOW", null)
    lag_above = env("BLOCK_LAG_100", null)
  }

  # A little behind, and neither catching up by itself nor at work.
  block_lag "moderate" {
    lag_above = env("BLOCK_LAG_20", null)
  }
}
