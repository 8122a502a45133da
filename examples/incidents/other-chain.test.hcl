# One of three endpoints is on another chain, and does not say it. The node is fine.
config = "three-endpoints.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
}

test "an endpoint of another chain" {
  about    = "The third answers from 5m on with a block of a chain that is 70,000,000 blocks higher."
  operator = "Nothing to the node; another endpoint."
  differs  = "It restarts the healthy node, every five minutes: the highest head counts."

  history {
    to = "25m"

    target {
      started = "-125h"
    }

    head {
      source     = "first"
      endpoint   = "https://rpc.first.example"
      every      = "30s"
      best       = network
      block_time = t - 2
    }

    head {
      source     = "second"
      endpoint   = "https://rpc.second.example"
      every      = "30s"
      best       = network
      block_time = t - 2
    }

    head {
      source     = "third"
      endpoint   = "https://rpc.third.example"
      every      = "30s"
      best       = t < 300 ? network : 90000000 + floor(t)
    }

    log {
      every = "30s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${network} (0x12ab…34cd), finalized #${network - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 4m    ok
    5m          act   block_lag.severe  | Container azero is behind by 70000250 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
    6m .. 9m    held  cooldown
    10m         act   block_lag.severe  | Container azero is behind by 70000500 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
    11m .. 14m  held  cooldown
    15m         act   block_lag.severe  | Container azero is behind by 70000750 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
    16m .. 19m  held  cooldown
    20m         act   block_lag.severe  | Container azero is behind by 70001000 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
    21m .. 24m  held  cooldown
    25m         act   block_lag.severe  | Container azero is behind by 70001250 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
  EOT
}

test "an endpoint of another chain, careful" {
  trace    = "other-chain.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 25m  ok
  EOT
}
