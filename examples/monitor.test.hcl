# Tests of the drop-in, monitor.hcl: its thresholds, what keeps it from acting, and what its variables change. Run them
# with: headwatch test examples/monitor.test.hcl. What it does in whole incidents is in the folder incidents.
config = "monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  # The newest block of the network, and the line in which the node says that it has imported it.
  network = 105000000 + floor(t)
  import  = "${stamp}  INFO tokio-runtime-worker substrate: ✨ Imported #${network} (${hash(network)})"
  syncing = "${stamp}  INFO tokio-runtime-worker aleph-block-sync: Switched to major sync state."
}

test "20 blocks are not yet too many, 21 are" {
  history {
    head {
      at   = "0s"
      best = 105000020
    }
    head {
      at   = "90s"
      best = 105000021
    }
    log {
      text = import
    }
    check {
      at = ["1m", "2m"]
    }
  }

  expect {
    at      = "1m"
    verdict = "ok"
    facts   = { lag = 20 }
  }
  expect {
    at     = "2m"
    rule   = "block_lag.moderate"
    reason = "Container azero is behind by 21 blocks (>20) and not syncing/producing. Restarting..."
  }
}

test "a node in major sync may lag by 100 blocks" {
  history {
    head {
      at   = "0s"
      best = 105000100
    }
    head {
      at   = "90s"
      best = 105000101
    }
    log {
      text = <<-EOT
        ${import}
        ${syncing}
      EOT
    }
    check {
      at = ["1m", "2m"]
    }
  }

  expect {
    at      = "1m"
    verdict = "ok"
    facts   = { major_sync = true }
  }
  expect {
    at   = "2m"
    rule = "block_lag.severe"
  }
}

test "a producer may lag by 100 blocks, until its session ends" {
  history {
    to = "4m"

    head {
      every = "30s"
      best  = 105000050
    }
    log {
      text = <<-EOT
        ${import}
        ${stamp}  INFO tokio-runtime-worker aleph-party: Running session 116666.
        ${stamp}  INFO tokio-runtime-worker sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at 105000001 (3 ms) [hash: 0x88…aa; parent_hash: 0x66…ff; no extrinsics
        ${stamp}  INFO tokio-runtime-worker aura: 🔖 Pre-sealed block for proposal at 105000001. Hash now 0x99…bb, previously 0x88…aa.
      EOT
    }
    log {
      at   = "3m30s"
      text = "${stamp}  INFO tokio-runtime-worker aleph-party: Running session 116667."
    }
  }

  expect {
    to      = "3m"
    verdict = "ok"
    facts   = { lag = 50, producing = true }
  }
  acts = ["4m"]
}

test "a restart, by whomever, is left alone for exactly five minutes" {
  history {
    to = "10m"

    target {
      started = "0s"
    }
    head {
      every = "30s"
      best  = 105000500
    }
    log {
      at   = "5s"
      text = import
    }
  }

  expect {
    to     = "4m"
    rule   = "cooldown"
    reason = "Waiting for 300s cooldown"
  }
  acts = ["5m", "10m"]
}

test "a stall is named beside what decides" {
  history {
    to = "3m"

    target {
      started = "-1h"
    }
    head {
      every = "30s"
      best  = t < 150 ? 105000090 : 105000180
    }
    log {
      text = <<-EOT
        ${import}
        ${syncing}
      EOT
    }
  }

  expect {
    at      = "3m"
    rule    = "block_lag.severe"
    reason  = "Container azero is behind by 180 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress)"
    verdict = "act"
  }
}

test "other thresholds" {
  env = { BLOCK_LAG_20 = "1000", BLOCK_LAG_100 = "1000", COOLDOWN = "10m", CHECK_INTERVAL = "30" }

  history {
    to = "40m"

    target {
      started = "-1h"
    }
    head {
      every = "30s"
      best  = network
    }
    log {
      text = import
    }
  }

  expect {
    to      = "16m30s"
    verdict = "ok"
  }
  acts = ["17m", "27m", "37m"]
}

test "a dry run says what it would do, and does nothing" {
  env     = { DRY_RUN = "true" }
  acts = 0

  history {
    to = "8m"

    head {
      every = "30s"
      best  = 105000500
    }
    log {
      text = import
    }
  }

  expect {
    verdict = "held"
    guard   = "dry run"
    rule    = "block_lag.severe"
    reason  = "Restarting... (dry run: not restarted)"
  }
}

test "without a head, or without a block of this run, nothing is known" {
  acts = 0

  history {
    to = "8m"

    head {
      at   = ["0s", "6m", "7m", "8m"]
      best = network
    }
    log {
      text = import
    }
    target {
      at      = "5m30s"
      started = "5m30s"
    }
  }

  expect {
    at     = "4m"
    rule   = "evidence"
    reason = "no usable head (onfinality: its newest head is 240s old (max_age 180s))"
  }
  expect {
    at    = ["6m", "7m", "8m"]
    rule  = "cooldown"
    facts = { synced = null, lag = null }
  }
}
