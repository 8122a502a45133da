# Nights of a Polkadot node with careful.hcl: blocks of six seconds, three head
# sources of different providers.
config = "careful.hcl"
env    = { CONTAINER_NAME = "node" }

let {
  network = 20000000 + floor(t / 6)

  # The block of a node that is in step, of one that has stood at the tenth minute, and
  # of one that gains four blocks a second.
  node   = network
  stood  = 20000100
  behind = min(network, 19990000 + floor(t * 4))

  status  = "${stamp} 💤 Idle (40 peers), best: #${node} (${hash(node)}), finalized #${node - 3} (${hash(node - 3)}), ⬇ 100kiB/s ⬆ 90kiB/s"
  wedged  = "${stamp} 💤 Idle (2 peers), best: #${stood} (${hash(stood)}), finalized #${stood - 3} (${hash(stood - 3)}), ⬇ 1kiB/s ⬆ 1kiB/s"
  syncing = "${stamp} ⚙️  Syncing 24.0 bps, target=#${network} (40 peers), best: #${behind} (${hash(behind)}), finalized #${behind - 512} (${hash(behind - 512)}), ⬇ 1.1MiB/s ⬆ 90kiB/s"
}

test "a wedge that a restart cures" {
  about = "The node stands still from the tenth minute on, and is back at the head after its restart."
  acts  = ["13m"]

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
      block_time = t - 2
    }
    head {
      source     = "second"
      endpoint   = "https://rpc.two.example"
      every      = "20s"
      best       = network - 1
      block_time = t - 8
    }
    head {
      source   = "third"
      endpoint = "https://rpc.three.example"
      every    = "20s"
      best     = network
    }
    log {
      to    = "10m"
      every = "5s"
      text  = status
    }
    log {
      from  = "10m5s"
      to    = "13m"
      every = "5s"
      text  = wedged
    }
    target {
      at      = "13m20s"
      started = "13m20s"
    }
    log {
      from  = "14m"
      every = "5s"
      text  = status
    }
  }

  expect {
    at   = "13m"
    rule = "sync_stall"
  }
}

test "a node that catches up is left alone" {
  about = "Ten thousand blocks behind, it gains four blocks a second for forty minutes."
  acts  = 0

  history {
    to = "1h"

    target {
      started = "-10m"
    }
    head {
      source   = "first"
      endpoint = "https://rpc.one.example"
      every    = "20s"
      best     = network
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "20s"
      best     = network
    }
    log {
      every = "5s"
      text  = syncing
    }
  }

  expect {
    from  = "6m"
    to    = "35m"
    guard = "catching_up"
  }
}

test "a source that lies" {
  about = "One of three claims a block that does not exist; the node is in step."
  acts  = 0

  history {
    to = "30m"

    target {
      started = "-30h"
    }
    head {
      source   = "first"
      endpoint = "https://rpc.one.example"
      every    = "20s"
      best     = t < 300 ? network : network + 1000000
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "20s"
      best     = network
    }
    head {
      source   = "third"
      endpoint = "https://rpc.three.example"
      every    = "20s"
      best     = network
    }
    log {
      every = "5s"
      text  = status
    }
  }

  expect {
    from    = "6m"
    verdict = "ok"
    holds   = lag <= 2 && head_spread > 900000
  }
}

test "one witness that lies" {
  about = "The only source that answers claims a block that does not exist; the node imports blocks."
  acts  = 0

  history {
    to = "30m"

    target {
      started = "-30h"
    }
    head {
      source   = "first"
      endpoint = "https://rpc.one.example"
      every    = "20s"
      best     = t < 300 ? network : network + 1000000
    }
    head_error {
      source = "second"
      every  = "1m"
      error  = "connection refused"
    }
    log {
      every = "5s"
      text  = status
    }
  }

  expect {
    at    = "15m"
    guard = "one_witness"
  }
}

test "a node that deletes its chain at every start" {
  about = "The node stands still and falls behind, and its container says that a restart would begin at block 0."
  acts  = 0

  history {
    to = "30m"

    target {
      started = "-30h"
      hazards = ["purge"]
    }
    head {
      source   = "first"
      endpoint = "https://rpc.one.example"
      every    = "20s"
      best     = network
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "20s"
      best     = network
    }
    log {
      to    = "10m"
      every = "5s"
      text  = status
    }
    log {
      from  = "10m5s"
      every = "5s"
      text  = wedged
    }
  }

  expect {
    at    = "20m"
    guard = "preflight"
  }
}

test "the network stands, with one block in the middle" {
  about = "From the tenth minute on nobody makes a block but one, for twenty minutes. The node comes back late, sixty blocks behind, and gets the last of them when the network goes on."
  acts  = 0

  history {
    to = "50m"

    target {
      started = "-30h"
    }
    head {
      source   = "first"
      endpoint = "https://rpc.one.example"
      every    = "20s"
      best     = t < 600 ? network : t < 1200 ? stood : t < 1800 ? stood + 1 : network - 200
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "20s"
      best     = t < 600 ? network : t < 1200 ? stood : t < 1800 ? stood + 1 : network - 200
    }
    log {
      to    = "10m"
      every = "5s"
      text  = status
    }
    log {
      from  = "10m5s"
      to    = "31m"
      every = "5s"
      text  = "${stamp} 💤 Idle (2 peers), best: #${stood - 60} (${hash(stood)}), finalized #${stood - 63} (${hash(stood)}), ⬇ 1kiB/s ⬆ 1kiB/s"
    }
    log {
      from  = "31m5s"
      every = "5s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${network - 200} (${hash(network)}), finalized #${network - 203} (${hash(network)}), ⬇ 100kiB/s ⬆ 90kiB/s"
    }
  }

  expect {
    from  = "13m"
    to    = "30m"
    guard = "network_stall"
  }
}
