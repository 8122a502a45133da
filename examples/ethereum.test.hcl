# Tests of ethereum.hcl. Run them with: headwatch test examples/ethereum.test.hcl
config = "ethereum.hcl"
env    = { RPC_URL = "https://rpc.one.example", SECOND_RPC_URL = "https://rpc.two.example" }

let {
  # The newest block of the network, and the lines in which geth says that it has it.
  network  = 22000000 + floor(t / 12)
  imported = "INFO [03-01|12:00:12.807] Imported new potential chain segment     number=${network} hash=aaaaaa..bbbbbb blocks=1  txs=145  mgas=7.354  elapsed=25.708ms"
  head     = "INFO [03-01|12:00:12.890] Chain head was updated                   number=${network} hash=aaaaaa..bbbbbb root=cccccc..dddddd elapsed=2.668276ms"
}

test "a node at the head is left alone" {
  acts = 0

  history {
    to = "20m"

    head {
      source     = "provider"
      endpoint   = "https://rpc.one.example"
      every      = "30s"
      best       = network
      block_time = t - 4
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "30s"
      best     = network
    }
    log {
      every = "12s"
      text  = <<-EOT
        ${imported}
        ${head}
      EOT
    }
  }

  expect {
    at      = "20m"
    verdict = "ok"
    facts   = { lag = 0, major_sync = false }
  }
}

test "a node that stops is restarted, once its beacon client is known to be there" {
  history {
    to = "12m"

    head {
      source     = "provider"
      endpoint   = "https://rpc.one.example"
      every      = "30s"
      best       = network
      block_time = t - 4
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "30s"
      best     = network
    }
    log {
      to    = "4m"
      every = "12s"
      text  = head
    }
  }

  expect {
    at   = "7m"
    rule = "sync_stall"
    says = ["Container geth sync stalled for 180s (no progress)"]
  }
  acts = ["7m"]
}

test "a log that stands still while its endpoint goes on restarts nobody, and is said" {
  acts = 0

  history {
    to = "20m"

    head {
      source     = "provider"
      endpoint   = "https://rpc.one.example"
      every      = "30s"
      best       = network
      block_time = t - 4
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "30s"
      best     = network
    }
    log {
      to    = "4m"
      every = "12s"
      text  = head
    }
    node {
      every   = "30s"
      best    = network
      syncing = false
    }
  }

  expect {
    at      = "20m"
    verdict = "ok"
    reason  = "the log and the node's endpoint contradict each other: block 22000020 and block 22000100"
  }
}

test "without its beacon client it is not" {
  acts = 0

  history {
    to = "20m"

    head {
      source     = "provider"
      endpoint   = "https://rpc.one.example"
      every      = "30s"
      best       = network
      block_time = t - 4
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "30s"
      best     = network
    }
    log {
      to    = "4m"
      every = "12s"
      text  = head
    }
    log {
      from  = "6m"
      every = "5m"
      text  = "WARN [03-01|12:06:00.000] Beacon client online, but no consensus updates received in a while. Please fix your beacon client to follow the chain!"
    }
  }
}

test "a node that heals its state is left alone" {
  acts = 0

  history {
    to = "40m"

    head {
      source     = "provider"
      endpoint   = "https://rpc.one.example"
      every      = "30s"
      best       = network
      block_time = t - 4
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "30s"
      best     = network
    }
    log {
      to    = "1m"
      every = "12s"
      text  = <<-EOT
        ${imported}
        ${head}
      EOT
    }
    log {
      from  = "2m"
      every = "8s"
      text  = "INFO [03-01|12:02:00.100] Syncing: state healing in progress      accounts=1,155,120@82.41MiB slots=1,501,170@115.14MiB codes=1207@9.06MiB nodes=10,613,451@3.05GiB pending=21847"
    }
  }

  expect {
    at      = "40m"
    verdict = "ok"
    facts   = { major_sync = true }
  }
}

test "a rule over peers only tells" {
  acts = ["5m"] # the stall, not the peers

  history {
    to = "15m"

    head {
      source     = "provider"
      endpoint   = "https://rpc.one.example"
      every      = "30s"
      best       = network
      block_time = t - 4
    }
    head {
      source   = "second"
      endpoint = "https://rpc.two.example"
      every    = "30s"
      best     = network
    }
    log {
      to    = "1m"
      every = "12s"
      text  = head
    }
    log {
      every = "10s"
      text  = "INFO [03-01|12:01:11.100] Looking for peers                        peercount=1 tried=108 static=2"
    }
  }

  expect {
    at    = "11m30s"
    steps = { "rule.alone" = "shadow" }
  }
}
