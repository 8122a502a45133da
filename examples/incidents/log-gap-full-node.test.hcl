# Debug logging floods the log of a full node, and Docker rotates it away faster than it can be read: lines are
# missing, and much later the node lags. Recorded as events.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

test "a full node that lags after a gap" {
  about    = "Lines are missing at 5m10s; from 20m on the node keeps 60 blocks behind. Recorded as events."
  operator = "Restarted it after some minutes."
  differs  = <<-EOT
    It does not know whether the node syncs: a node at the head prints no line about it, so that the gap is
    not settled for the rest of the run. Above 100 blocks it would act.
  EOT

  let {
    block = 105000000 + floor(t)
  }

  history {
    to = "35m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = block
      finalized  = block - 2
      block_time = t - 1
    }

    events {
      from  = "19.5s"
      every = "20s"
      lines = 24
      event {
        kind   = "block_imported"
        number = t < 1200 ? block : block - 60
      }
    }

    events {
      from  = "5m0.4s"
      every = "15m"
      lines = 1
      event {
        kind   = "session_started"
        number = floor(block / 900)
      }
    }

    log_gap {
      at     = "5m10s"
      reason = "lines of 12 s are missing: the log was rotated before it was read"
    }
  }

  expect {
    from    = "8m"
    to      = "20m"
    verdict = "ok"
  }
  expect {
    from    = "21m"
    verdict = "unknown"
    reason  = "rule block_lag.moderate lacks major_sync"
  }

  verdicts = <<-EOT
    1m .. 20m   ok
    21m .. 35m  unknown  evidence  | Container azero: rule block_lag.moderate lacks major_sync (lines of 12 s are missing: the log was rotated before it was read)
  EOT
}

test "a full node that lags after a gap, careful" {
  trace    = "log-gap-full-node.jsonl.gz"
  env      = { PROFILE = "careful" }
  differs  = "A minute behind is not far for it: it acts from a minute and a half on."
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 35m  ok
  EOT
}
