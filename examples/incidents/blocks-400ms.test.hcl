# A chain that makes a block in 0.4 seconds. A node of it pauses for half a minute now and then, and wedges at last.
# Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 200000000 + floor(t * 2.5)
  paused  = t - floor(t / 240) * 240 >= 215 && t - floor(t / 240) * 240 < 245
  node    = t < 1200 ? (paused ? 200000000 + floor((floor(t / 240) * 240 + 215) * 2.5) : network) : 200003000
}

test "blocks of 0.4 seconds" {
  about    = "The node stands for 30 seconds in every fourth minute, and catches up at once; from 20m on it stands for good."
  operator = "Nothing at first; restarted it some minutes after 20m."
  differs  = "It restarts the healthy node: 20 blocks are eight seconds."

  history {
    to = "28m"

    target {
      started = "-125h"
    }

    head {
      every      = "20s"
      best       = network
      block_time = t - 1
    }

    log {
      every = "10s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 20m   ok
    21m         act   block_lag.severe  | Container azero is behind by 150 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
    22m .. 25m  held  cooldown
    26m         act   block_lag.severe  | Container azero is behind by 900 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    27m .. 28m  held  cooldown
  EOT
}

test "blocks of 0.4 seconds, careful" {
  trace    = "blocks-400ms.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 22m   ok
    23m         act      sync_stall        | Container azero sync stalled for 180s (no progress)
    24m .. 27m  held     cooldown
    28m         held     block_lag.severe  | Container azero is behind by 1200 blocks (>750). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is n…
  EOT
}
