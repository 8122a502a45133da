# Written by headwatch init. Look through it, and run
#
#   headwatch doctor --config FILE             contacts everything once, and changes nothing
#   DRY_RUN=true headwatch run --config FILE   every rule runs, and nothing is restarted
#
# before it may restart anything.
#
# TODO: 5 endpoint(s) have to be named, by a variable of the environment or in here. Until then
# the monitors that use them restart nothing.

# Public endpoints of kusama, of different providers. Your own accounts are better:
# public ones may be slow, or ask you to ask less.

head_source "kusama_1" {
  plugin = "rpc-onfinality"

  config {
    url           = "https://kusama-public-rpc.blockops.network/ws"
    genesis       = "0xb0a8d493285c2df73290dfb7e61f870f17b41801197a149ca93654499ea3dafe"
    slot_duration = "6s"
  }
}

head_source "kusama_2" {
  plugin = "rpc-onfinality"

  config {
    url           = "https://rpc.ibp.network/kusama"
    genesis       = "0xb0a8d493285c2df73290dfb7e61f870f17b41801197a149ca93654499ea3dafe"
    slot_duration = "6s"
  }
}

head_source "kusama_3" {
  plugin = "rpc-onfinality"

  config {
    url           = "https://kusama.dotters.network"
    genesis       = "0xb0a8d493285c2df73290dfb7e61f870f17b41801197a149ca93654499ea3dafe"
    slot_duration = "6s"
  }
}

log_parser "polkadot" {
  plugin = "alephlog-parser"
}

# TODO: only one public endpoint of Lighthouse, network mainnet, is known.
# Name two of different providers, and not the node itself.

head_source "ethereum-beacon_mainnet_1" {
  plugin = "rpc-jsonrpc"

  config {
    preset   = "ethereum-beacon"
    url      = "https://ethereum-beacon-api.publicnode.com"
    chain_id = "1"
  }
}

head_source "ethereum-beacon_mainnet_2" {
  plugin = "rpc-jsonrpc"

  config {
    preset   = "ethereum-beacon"
    url      = env("RPC_URL_1", "https://todo-set-rpc-url-1.invalid")
    chain_id = "1"
  }
}

log_parser "lighthouse" {
  plugin = "log-regexp"

  config {
    preset = "lighthouse"
  }
}

# TODO: the network of hub cannot be told from its container. Name two endpoints of it, of
# different providers, and not the node itself.

head_source "hub_1" {
  plugin = "rpc-jsonrpc"

  config {
    preset = "cometbft"
    url    = env("RPC_URL_2", "https://todo-set-rpc-url-2.invalid")
  }
}

head_source "hub_2" {
  plugin = "rpc-jsonrpc"

  config {
    preset = "cometbft"
    url    = env("RPC_URL_3", "https://todo-set-rpc-url-3.invalid")
  }
}

log_parser "cometbft" {
  plugin = "log-regexp"

  config {
    preset = "cometbft"
  }
}

# TODO: the network of hub2 cannot be told from its container. Name two endpoints of it, of
# different providers, and not the node itself.

head_source "hub2_1" {
  plugin = "rpc-jsonrpc"

  config {
    preset = "cometbft"
    url    = env("RPC_URL_4", "https://todo-set-rpc-url-4.invalid")
  }
}

head_source "hub2_2" {
  plugin = "rpc-jsonrpc"

  config {
    preset = "cometbft"
    url    = env("RPC_URL_5", "https://todo-set-rpc-url-5.invalid")
  }
}

# Public endpoints of mainnet, of different providers. Your own accounts are better:
# public ones may be slow, or ask you to ask less.

head_source "ethereum_mainnet_1" {
  plugin = "rpc-jsonrpc"

  config {
    preset   = "ethereum"
    url      = "https://ethereum-rpc.publicnode.com"
    chain_id = "1"
  }
}

head_source "ethereum_mainnet_2" {
  plugin = "rpc-jsonrpc"

  config {
    preset   = "ethereum"
    url      = "https://eth.drpc.org"
    chain_id = "1"
  }
}

head_source "ethereum_mainnet_3" {
  plugin = "rpc-jsonrpc"

  config {
    preset   = "ethereum"
    url      = "https://eth.llamarpc.com"
    chain_id = "1"
  }
}

log_parser "geth" {
  plugin = "log-regexp"

  config {
    preset = "geth"
  }
}

# What restarts the containers, and where their logs come from. A node needs time to
# close its database; the timeout is that time, and more.
action "restart" {
  plugin  = "docker-restart"
  env     = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
  timeout = "7m"

  config {
    stop_timeout = "5m"
  }
}

# Polkadot, network kusama, image parity/polkadot.
monitor "node_0_odd___name_" {
  profile    = "careful"
  heads      = [head_source.kusama_1, head_source.kusama_2, head_source.kusama_3]
  parser     = log_parser.polkadot
  action     = action.restart
  block_time = "6s"

  target {
    container = "0 odd $${name}"
  }
}

# Lighthouse, network mainnet, image sigp/lighthouse:v8.
monitor "beacon" {
  profile    = "careful"
  heads      = [head_source.ethereum-beacon_mainnet_1, head_source.ethereum-beacon_mainnet_2]
  parser     = log_parser.lighthouse
  action     = action.restart
  block_time = "12s"

  target {
    container = "beacon"
  }
}

# CometBFT, image ghcr.io/cosmos/gaia.
monitor "hub" {
  profile = "careful"
  heads   = [head_source.hub_1, head_source.hub_2]
  parser  = log_parser.cometbft
  action  = action.restart

  target {
    container = "hub"
  }
}

# CometBFT, image ghcr.io/cosmos/gaia.
monitor "hub2" {
  profile = "careful"
  heads   = [head_source.hub2_1, head_source.hub2_2]
  parser  = log_parser.cometbft
  action  = action.restart

  target {
    container = "hub2"
  }
}

# Polkadot, network kusama, image parity/polkadot.
monitor "ksm" {
  profile    = "careful"
  heads      = [head_source.kusama_1, head_source.kusama_2, head_source.kusama_3]
  parser     = log_parser.polkadot
  action     = action.restart
  block_time = "6s"

  target {
    container = "ksm"
  }
}

# geth, network mainnet, image ethereum/client-go.
monitor "stack-geth-1" {
  profile    = "careful"
  heads      = [head_source.ethereum_mainnet_1, head_source.ethereum_mainnet_2, head_source.ethereum_mainnet_3]
  parser     = log_parser.geth
  action     = action.restart
  block_time = "12s"

  target {
    project = "stack"
    service = "geth"
  }
}
