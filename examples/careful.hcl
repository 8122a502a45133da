# Watches one Substrate node in a Docker container as a good operator would: three
# head sources of different providers, thresholds in time, and guards for the nights
# in which a restart does harm. It watches a Polkadot node unless RPC_URL_1 to
# RPC_URL_3 say otherwise; those that are set are the sources then. SLOT_DURATION is
# how long a slot of their chain lasts (6s as on Polkadot; Aleph Zero: 1s), which dates
# its blocks.

head_source "first" {
  plugin = "rpc-onfinality"

  config {
    url           = env("RPC_URL_1", env("RPC_URL_2", env("RPC_URL_3", "https://polkadot-public-rpc.blockops.network/ws")))
    slot_duration = env("SLOT_DURATION", "6s")
  }
}

# A variable that is not set while another one is stands for that one: the public
# endpoints are never mixed with yours. Two sources of one provider have one vote.
head_source "second" {
  plugin = "rpc-onfinality"

  config {
    url           = env("RPC_URL_2", env("RPC_URL_1", env("RPC_URL_3", "https://rpc.ibp.network/polkadot")))
    slot_duration = env("SLOT_DURATION", "6s")
  }
}

head_source "third" {
  plugin = "rpc-onfinality"

  config {
    url           = env("RPC_URL_3", env("RPC_URL_1", env("RPC_URL_2", "https://polkadot.dotters.network")))
    slot_duration = env("SLOT_DURATION", "6s")
  }
}

log_parser "substrate" {
  plugin = "alephlog-parser"
}

action "restart" {
  plugin  = "docker-restart"
  env     = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]
  timeout = "6m"
}

monitor "node" {
  profile  = "careful"
  interval = env("CHECK_INTERVAL", "60")

  heads  = [head_source.first, head_source.second, head_source.third]
  parser = log_parser.substrate
  action = action.restart

  target {
    container = env("CONTAINER_NAME", "node")
  }
}
