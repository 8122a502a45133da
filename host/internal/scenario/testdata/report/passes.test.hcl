config = "../minimal.hcl"

let {
  block = 1000 + t
}

test "everything that can be expected" {
  history {
    to = "10m"

    target {
      started = "-3h"
    }
    head {
      every = "1m"
      best  = block
    }
    log {
      to    = "5m"
      every = "30s"
      text  = "block ${block}"
    }
    log {
      text = <<-EOT
        major
        peers 5
      EOT
    }
    log {
      at   = "6m"
      text = "peers 2"
    }
  }

  expect {
    to      = "5m"
    verdict = "ok"
    rule    = ""
    holds   = lag <= 20 && uptime > 3 * 3600
    facts   = { best = block, session = null, eta = t > 60 ? 0 : null }
  }
  expect {
    at      = ["5m", "6m"]
    verdict = "ok"
    steps   = { "block_lag.severe" = "no", "rule.few_peers" = t < 360 ? "no" : "waits" }
  }
  expect {
    at      = "7m"
    verdict = "act"
    rule    = "block_lag.severe"
    reason  = "behind by 120 blocks"
    says    = "Latest RPC block retrieved: ${block}"
    guard   = ""
    facts   = { lag = 120, sync_rate = 0, eta = "inf", "fact.peers" = 2 }
  }
  expect {
    from = "8m"
    rule = "cooldown"
  }
  acts = ["7m"]

  verdicts = <<-EOT
    1m .. 6m   ok
    7m         act   block_lag.severe  | Container azero is behind by 120 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
    8m .. 10m  held  cooldown
  EOT
}

test "with another threshold" {
  env     = { LIMIT = "1000", CONTAINER_NAME = "other", DRY_RUN = "yes" }
  acts    = 0

  history {
    to = "10m"

    head {
      every = "1m"
      best  = 1090
    }
    log {
      text = <<-EOT
        major
        peers 1
        block 1000
      EOT
    }
  }

  expect {
    from   = "3m"
    rule   = "rule.few_peers"
    guard  = "dry run"
    reason = "Container other: rule few_peers: 1 peers. Restarting... (dry run: not restarted)"
  }
}

test "with a configuration of its own" {
  acts    = 1

  config {
    head_source "net" {
      plugin = "rpc-onfinality"
    }
    log_parser "words" {
      plugin = "words"
    }
    action "restart" {
      plugin = "docker-restart"
    }
    monitor "own" {
      interval = "10s"
      heads    = [head_source.net]
      parser   = log_parser.words
      action   = action.restart

      block_lag "moderate" {
        lag_above = 5
      }
    }
  }

  history {
    head {
      best = 10
    }
    log {
      text = "block 4"
    }
    check {
      at = ["0s", "3s"]
    }
  }
}
