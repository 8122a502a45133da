# Watches a node of any chain by its RPC alone: what its own endpoint says is compared
# with what others say. Its log is not read, so that no parser is needed.
#
# PRESET is what the endpoints are asked: ethereum, ethereum-beacon, cometbft, bitcoin,
# solana or solana-height. For Substrate take plugin = "rpc-onfinality" in each block,
# and the url alone.

head_source "first" {
  plugin = "rpc-jsonrpc"

  config {
    preset = env("PRESET", "ethereum")
    url    = env("RPC_URL") # not the node that is watched
  }
}

# Another provider: with one alone a node is restarted only while it stands still.
head_source "second" {
  plugin = "rpc-jsonrpc"

  config {
    preset = env("PRESET", "ethereum")
    url    = env("SECOND_RPC_URL")
  }
}

# The node's own endpoint. Where headwatch runs in a container it reaches the node's
# over a Docker network that both are on; a node that was started with --network host
# is asked at http://127.0.0.1 by a headwatch that was started so too.
head_source "own" {
  plugin = "rpc-jsonrpc"

  config {
    preset = env("PRESET", "ethereum")
    url    = env("NODE_URL", "http://node:8545")
  }
}

action "restart" {
  plugin  = "docker-restart"
  env     = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
  timeout = "7m" # the stop_timeout below, and 75 seconds more

  config {
    stop_timeout = "5m" # it writes what it has in memory before it ends
  }
}

monitor "node" {
  profile = "careful"

  heads  = [head_source.first, head_source.second]
  node   = head_source.own # without a parser beside it the log is not read
  action = action.restart

  target {
    container = env("CONTAINER_NAME", "node")
  }

  # A dead endpoint is no evidence of a dead node, and while nothing tells the node's
  # block, nothing is done to it: this rule only tells.
  rule "rpc_dead" {
    when    = node_age > duration("10m")
    message = "its endpoint has not answered for ${floor(node_age)}s"
    shadow  = true
  }
}
