# Nights of an Ethereum node that is watched by its RPC alone, with any-chain.hcl.
config = "any-chain.hcl"
env    = { RPC_URL = "https://rpc.one.example", SECOND_RPC_URL = "https://rpc.two.example" }

let {
  network = 22000000 + floor(t / 12)
  stood   = 22000000 + 50 # the block of the tenth minute
}

test "a node in step is left alone" {
  acts = 0

  history {
    to = "30m"

    target {
      started = "-30h"
    }
    head {
      source     = "first"
      endpoint   = "https://rpc.one.example"
      every      = "20s"
      best       = network
      block_time = t - 6
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "20s"
      best     = network
    }
    node {
      every   = "20s"
      best    = network
      syncing = false
      peers   = 40
    }
  }

  expect {
    at      = "30m"
    verdict = "ok"
    facts   = { lag = 0, node_peers = 40, node_syncing = false, log_age = null }
  }
}

test "a wedge is restarted once" {
  history {
    to = "40m"

    target {
      started = "-30h"
    }
    head {
      source     = "first"
      endpoint   = "https://rpc.one.example"
      every      = "20s"
      best       = network
      block_time = t - 6
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "20s"
      best     = network
    }
    node {
      to    = "10m"
      every = "20s"
      best  = network
    }
    node {
      from  = "10m"
      to    = "13m"
      every = "20s"
      best  = stood
    }
    target {
      at      = "13m20s"
      started = "13m20s"
    }
    node_error {
      from  = "13m20s"
      to    = "14m"
      every = "20s"
      error = "connection refused"
    }
    node {
      from  = "15m"
      every = "20s"
      best  = network
    }
  }

  expect {
    at   = "13m"
    rule = "sync_stall"
  }
  acts = ["13m"]
}

test "a sync is left alone, with blocks and without" {
  acts = 0

  history {
    to = "2h"

    target {
      started = "-1m"
    }
    head {
      source     = "first"
      endpoint   = "https://rpc.one.example"
      every      = "20s"
      best       = network
      block_time = t - 6
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "20s"
      best     = network
    }
    node { # it has downloaded nothing but a state
      to       = "1h"
      every    = "20s"
      best     = 0
      syncing  = true
      progress = floor(t)
    }
    node {
      from    = "1h"
      every   = "20s"
      best    = min(network, 21990000 + floor(t))
      syncing = network > 21990000 + t
    }
  }

  expect {
    at     = "30m"
    rule   = "evidence"
    reason = "the node has no block yet"
  }
}

test "an endpoint that lies or is down restarts nobody" {
  acts = 0

  history {
    to = "1h30m"

    target {
      started = "-30h"
    }
    head {
      source     = "first"
      endpoint   = "https://rpc.one.example"
      every      = "20s"
      best       = network
      block_time = t - 6
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "20s"
      best     = network
    }
    node {
      to    = "20m"
      every = "20s"
      best  = network
    }
    node {
      from  = "20m20s"
      to    = "40m"
      every = "20s"
      best  = 17
    }
    node {
      from  = "40m20s"
      to    = "1h"
      every = "20s"
      best  = network
    }
    node_error {
      from  = "1h20s"
      every = "20s"
      error = "no answer within 10s"
    }
  }

  expect {
    at     = "30m"
    rule   = "evidence"
    reason = "it is not believed"
  }
  expect {
    at      = "50m"
    verdict = "ok"
  }
  expect {
    at     = "1h20m"
    rule   = "evidence"
    steps  = { "rule.rpc_dead" = "shadow" }
  }
}
