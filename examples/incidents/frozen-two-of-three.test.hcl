# Two of three endpoints stand still and do not say it, and the node wedges. Recorded in a dry run.
config = "three-endpoints.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
  node    = min(network, 20000150)
}

test "two frozen endpoints that do not say it" {
  about    = "The first and the third stand at a block from 5m to 25m; the node stands still from 15m on."
  operator = "Restarted the node, having seen with the second endpoint that the network goes on."
  differs  = "It restarts it again after each cooldown."

  history {
    to = "24m"

    target {
      started = "-125h"
    }

    head {
      source     = "first"
      endpoint   = "https://rpc.first.example"
      every      = "30s"
      best       = t < 300 ? network : t < 1500 ? 20000050 : network
    }

    head {
      source     = "second"
      endpoint   = "https://rpc.second.example"
      every      = "30s"
      best       = network
    }

    head {
      source     = "third"
      endpoint   = "https://rpc.third.example"
      every      = "30s"
      best       = t < 300 ? network : t < 1500 ? 20000050 : network
    }

    log {
      every = "30s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 17m   ok
    18m         act   block_lag.moderate  | Container azero is behind by 30 blocks (>20) and not syncing/producing. Restarting...
    19m .. 22m  held  cooldown
    23m         act   block_lag.moderate  | Container azero is behind by 80 blocks (>20) and not syncing/producing. Restarting...
    24m         held  cooldown
  EOT
}

test "two frozen endpoints that do not say it, careful" {
  trace    = "frozen-two-of-three.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m .. 3m    unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    4m .. 17m   ok
    18m         act      sync_stall        | Container azero sync stalled for 180s (no progress)
    19m .. 22m  held     cooldown
    23m .. 24m  held     block_lag.severe  | Container azero is behind by 80 blocks (>50). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is not …
  EOT
}
