# Tests of fleet.hcl: what its three monitors do other than the drop-in.
config = "fleet.hcl"

let {
  network = 105000000 + floor(t)
  info    = "${stamp}  INFO tokio-runtime-worker"

  imported = "${info} substrate: ✨ Imported #${network} (${hash(network)})"
}

test "a validator at work is restarted late: above 200 blocks, for two minutes" {
  monitor = "validator"

  history {
    to = "10m"

    target {
      started = "-125h"
    }
    head {
      every  = "15s"
      source = "public"
      best   = network
    }
    log {
      every = "1s"
      to    = "2m"
      text  = imported
    }
    log {
      at   = "30s"
      text = <<-EOT
        ${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at 105000031 (3 ms) [hash: 0x88…aa; parent_hash: 0x66…ff; no extrinsics
        ${info} aura: 🔖 Pre-sealed block for proposal at 105000031. Hash now 0x99…bb, previously 0x88…aa.
      EOT
    }
  }

  expect {
    to      = "5m15s"
    verdict = "ok"
  }
  expect {
    from    = "5m30s"
    to      = "7m15s"
    verdict = "ok"
    steps   = { "block_lag.severe" = "waits", sync_stall = "no", "block_lag.moderate" = "off" }
  }
  acts = ["7m30s"]
}

test "a validator outside of the committee is restarted when it falls behind by 100" {
  monitor = "validator"

  history {
    to = "10m"

    target {
      started = "-125h"
    }
    head {
      every  = "15s"
      source = "public"
      best   = network
    }
    log {
      every = "1s"
      to    = "5m"
      text  = imported
    }
  }

  expect {
    to      = "6m30s"
    verdict = "ok"
  }
  expect {
    at     = "6m45s"
    rule   = "falling_behind"
    reason = "Container aleph-validator falling behind (avg lag increase over 300s)"
    facts  = { lag = 105, producing = false }
  }
  acts = ["6m45s"]
}

test "a lag of the validator that ends within two minutes" {
  monitor = "validator"
  acts = 0

  history {
    to = "10m"

    target {
      started = "-125h"
    }
    head {
      every  = "15s"
      source = "public"
      best   = 105000250
    }
    log {
      text = "${info} substrate: ✨ Imported #105000000 (0x12ab…34cd)"
    }
    log {
      at   = "100s"
      text = "${info} substrate: ✨ Imported #105000249 (0x12ab…34ce)"
    }
  }

  expect {
    at    = "90s"
    steps = { "block_lag.severe" = "waits" }
  }
  expect {
    from    = "105s"
    verdict = "ok"
  }
}

test "a catch-up of the archive is not cut short" {
  monitor = "archive"
  acts = 0

  history {
    to = "1h"

    target {
      started = "-1h"
    }
    head {
      every  = "1m"
      source = "public"
      best   = network
    }
    log {
      text = "${info} aleph-block-sync: Switched to major sync state."
    }
    log {
      every = "1s"
      text  = "${info} substrate: ✨ Imported #${104900000 + 5 * t} (${hash(t)})"
    }
  }

  expect {
    from  = "4m"
    holds = lag > 1000 && sync_rate > 1
    steps = { "block_lag.severe" = "no" }
  }
}

test "the archive is restarted when its catch-up stops" {
  monitor = "archive"

  history {
    to = "20m"

    target {
      started = "-1h"
    }
    head {
      every  = "1m"
      source = "public"
      best   = network
    }
    log {
      text = "${info} aleph-block-sync: Switched to major sync state."
    }
    log {
      every = "1s"
      to    = "9m"
      text  = "${info} substrate: ✨ Imported #${104900000 + 5 * t} (${hash(t)})"
    }
  }

  expect {
    from    = "4m"
    to      = "10m"
    verdict = "ok"
  }
  acts = ["12m"]
}

test "two endpoints: the higher one counts, and one may be down" {
  monitor = "validator"
  acts = 0

  history {
    to = "10m"

    target {
      started = "-125h"
    }
    head {
      every  = "15s"
      to     = "4m"
      source = "public"
      best   = network
    }
    head_error {
      every  = "15s"
      from   = "4m15s"
      source = "public"
      error  = "429 Too Many Requests"
    }
    head {
      every      = "15s"
      to         = "7m"
      source     = "own"
      best       = network - 3
      block_time = t - 1
    }
    log {
      every = "1s"
      text  = imported
    }
  }

  expect {
    to    = "4m"
    facts = { best = network }
  }
  expect {
    from    = "4m15s"
    to      = "7m"
    verdict = "ok"
    facts   = { best = network - 3 }
  }
  expect {
    from   = "8m"
    rule   = "evidence"
    reason = "own: its newest head is"
  }
}

test "the public node may be silent for five minutes" {
  monitor = "rpc"

  history {
    to = "8m"

    target {
      started = "-1h"
      name    = "aleph-rpc-1"
    }
    head {
      every = "30s"
      best  = 105000000
    }
    log {
      text = "${info} substrate: ✨ Imported #105000000 (0x12ab…34cd)"
    }
  }

  expect {
    to      = "5m"
    verdict = "ok"
  }
  expect {
    at     = "5m30s"
    rule   = "rule.no_logs"
    reason = "Container aleph-rpc-1: rule no_logs: no log line for 330s, lag 0. Restarting..."
  }
  acts = ["5m30s"]
}
