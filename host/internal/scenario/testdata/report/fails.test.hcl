config = "../minimal.hcl"

let {
  block = 1000 + t
}

test "nothing is as it was expected" {
  history {
    to = "10m"

    head {
      every = "1m"
      best  = block
    }
    log {
      to    = "5m"
      every = "30s"
      text  = "block ${block}"
    }
  }

  expect {
    at      = ["90s", "11m", "30s"]
    verdict = "ok"
  }
  expect {
    from    = "11m"
    verdict = "ok"
  }
  expect {
    verdict = "ok"
    holds   = lag < session
  }
  expect {
    at     = "6m"
    rule   = "block_lag.severe"
    reason = "behind"
    says   = "is behind"
    guard  = "dry run"
    facts  = { lag = 61, "fact.peers" = 5, sync_rate = 1, producing = true, session = 5 }
    steps  = { "block_lag.severe" = "fires", "rule.nobody" = "no" }
    holds  = lag > 100 && !producing
  }
  acts = ["6m"]

  verdicts = <<-EOT
    1m .. 6m   ok
    7m         act   block_lag.severe  | another reason
    9m .. 10m  held  cooldown
  EOT
}

test "another number of acts" {
  acts    = 0

  history {
    to = "1m"

    head {
      every = "1m"
      best  = 5000
    }
    log {
      text = "block 1"
    }
  }
}

test "no check at all" {
  acts    = 1

  history {
    log {
      text = "block 1"
    }
  }

  expect {
    verdict = "ok"
  }
  expect {
    at      = "1m"
    verdict = "ok"
  }
}
