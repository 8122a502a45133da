# A chain that makes a block in twelve seconds. Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 12)
  node    = min(network, 20000050)
}

test "blocks of 12 seconds" {
  about    = "The node stands still from 10m on."
  operator = "Restarted it after three or four minutes."
  differs  = "It waits until 20 blocks are missing, which takes four minutes, and then restarts it every five minutes."

  history {
    to = "20m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = network
      block_time = t - 2
    }

    log {
      every = "30s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 14m   ok
    15m         act   block_lag.moderate  | Container azero is behind by 25 blocks (>20) and not syncing/producing. Restarting...
    16m .. 19m  held  cooldown
    20m         act   block_lag.moderate  | Container azero is behind by 50 blocks (>20) and not syncing/producing. Restarting...
  EOT
}

test "blocks of 12 seconds, careful" {
  trace    = "blocks-12s.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 12m   ok
    13m         act      sync_stall        | Container azero sync stalled for 180s (no progress)
    14m .. 17m  held     cooldown
    18m .. 20m  held     block_lag.severe  | Container azero is behind by 40 blocks (>25). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is not …
  EOT
}
