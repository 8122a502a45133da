# A geth node in Docker, by its log and by its own RPC, compared with two providers'
# view of the main network. Nothing in here is Aleph Zero's: the head sources, the log
# parser and some of the rules are what another chain changes.

head_source "provider" {
  plugin = "rpc-jsonrpc"

  config {
    preset   = "ethereum"
    url      = env("RPC_URL") # not the node that is watched
    chain_id = "1"            # a provider of another network is not used
  }
}

head_source "second" {
  plugin = "rpc-jsonrpc"

  config {
    preset   = "ethereum"
    url      = env("SECOND_RPC_URL") # another provider
    chain_id = "1"
  }
}

# The node's own endpoint, a second witness beside its log: geth with --http, on a Docker
# network that headwatch is on too.
head_source "own" {
  plugin = "rpc-jsonrpc"

  config {
    preset   = "ethereum"
    url      = env("NODE_URL", "http://geth:8545")
    chain_id = "1"
  }
}

# What geth's lines mean stands in the preset. A pattern beside it gives one
# more fact: how old the blocks are that the node imports.
log_parser "geth" {
  plugin = "log-regexp"

  config {
    preset = "geth"

    pattern {
      name  = "age"
      match = "^Imported new (?:potential )?chain segment .* age=(?P<age>\\S+)"

      fact {
        name = "age" # 5mo2w20h, in seconds for a rule
        type = "duration"
      }
    }
  }
}

action "restart" {
  plugin  = "docker-restart"
  env     = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
  timeout = "7m" # the stop_timeout below, and 75 seconds more

  config {
    stop_timeout = "5m" # geth writes what it has in memory before it ends
  }
}

monitor "geth" {
  profile  = "careful"
  interval = "30s"
  heads    = [head_source.provider, head_source.second]
  node     = head_source.own
  parser   = log_parser.geth
  action   = action.restart

  target {
    container = env("CONTAINER_NAME", "geth")
  }

  # The thresholds are the profile's. Without its beacon client geth cannot follow
  # the chain, and a restart of geth would not bring that back. While it downloads
  # or heals its state it has no newer block, and a restart throws that work away.
  block_lag "severe" {
    unless = !fact.beacon || major_sync
  }

  block_lag "moderate" {
    enabled = false
  }

  sync_stall {
    unless = !fact.beacon || major_sync
  }

  cooldown {
    after_action = "15m" # it opens its database, and finds peers
  }

  # A rule over a fact of the parser. It only tells, until shadow is taken away.
  rule "alone" {
    when    = fact.peers < 3 && stalled_for > duration("10m")
    message = "only ${fact.peers} peers, and no block for ${floor(stalled_for)}s"
    shadow  = true
  }
}
