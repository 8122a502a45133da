# A node that wedges once an hour, as one with a leak does; a restart cures it each time.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
  # Seconds of the hour: the node stands from 1,800 to 2,040.
  second = t - floor(t / 3600) * 3600
  node   = second >= 1800 && second < 2080 ? 20000300 + 600 * floor(t / 3600) : network
}

test "hourly wedges that a restart cures" {
  about    = "At half past each hour the node stands still. It is restarted four minutes later, and is back within a minute."
  operator = "Restarted it each time, and looked for the reason by day."

  history {
    to = "4h"

    target {
      started = "-125h"
    }

    target {
      at = "34m"
      started = "34m"
    }

    target {
      at = "94m"
      started = "94m"
    }

    target {
      at = "154m"
      started = "154m"
    }

    target {
      at = "214m"
      started = "214m"
    }

    head {
      every      = "1m"
      best       = network
      block_time = t - 2
    }

    log {
      every = "1m"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 32m       ok
    33m             act   block_lag.moderate  | Container azero is behind by 30 blocks (>20) and not syncing/producing. Restarting...
    34m .. 38m      held  cooldown
    39m .. 1h32m    ok
    1h33m           act   block_lag.moderate  | Container azero is behind by 30 blocks (>20) and not syncing/producing. Restarting...
    1h34m .. 1h38m  held  cooldown
    1h39m .. 2h32m  ok
    2h33m           act   block_lag.moderate  | Container azero is behind by 30 blocks (>20) and not syncing/producing. Restarting...
    2h34m .. 2h38m  held  cooldown
    2h39m .. 3h32m  ok
    3h33m           act   block_lag.moderate  | Container azero is behind by 30 blocks (>20) and not syncing/producing. Restarting...
    3h34m .. 3h38m  held  cooldown
    3h39m .. 4h     ok
  EOT
}

test "hourly wedges that a restart cures, careful" {
  trace    = "wedges-hourly.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m              unknown  evidence    | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 32m       ok
    33m             act      sync_stall  | Container azero sync stalled for 180s (no progress)
    34m .. 38m      held     cooldown
    39m .. 1h32m    ok
    1h33m           act      sync_stall  | Container azero sync stalled for 180s (no progress)
    1h34m .. 1h38m  held     cooldown
    1h39m .. 2h32m  ok
    2h33m           act      sync_stall  | Container azero sync stalled for 180s (no progress)
    2h34m .. 2h38m  held     cooldown
    2h39m .. 3h32m  ok
    3h33m           act      sync_stall  | Container azero sync stalled for 180s (no progress)
    3h34m .. 3h38m  held     cooldown
    3h39m .. 4h     ok
  EOT
}
