# A node that stands still, and that no restart helps: recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
  node    = min(network, 20000100)
}

test "a wedge that no restart cures" {
  about    = "The node stands at a block from 10m on, for all the time that was recorded."
  operator = "Restarted it once, perhaps twice, then looked for the reason."
  differs  = "It restarts it every five minutes."

  history {
    to = "1h"

    target {
      started = "-125h"
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
    1m .. 12m   ok
    13m         act   block_lag.moderate  | Container azero is behind by 30 blocks (>20) and not syncing/producing. Restarting...
    14m .. 17m  held  cooldown
    18m         act   block_lag.moderate  | Container azero is behind by 80 blocks (>20) and not syncing/producing. Restarting...
    19m .. 22m  held  cooldown
    23m         act   block_lag.severe    | Container azero is behind by 130 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    24m .. 27m  held  cooldown
    28m         act   block_lag.severe    | Container azero is behind by 180 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    29m .. 32m  held  cooldown
    33m         act   block_lag.severe    | Container azero is behind by 230 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    34m .. 37m  held  cooldown
    38m         act   block_lag.severe    | Container azero is behind by 280 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    39m .. 42m  held  cooldown
    43m         act   block_lag.severe    | Container azero is behind by 330 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    44m .. 47m  held  cooldown
    48m         act   block_lag.severe    | Container azero is behind by 380 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    49m .. 52m  held  cooldown
    53m         act   block_lag.severe    | Container azero is behind by 430 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    54m .. 57m  held  cooldown
    58m         act   block_lag.severe    | Container azero is behind by 480 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    59m .. 1h   held  cooldown
  EOT
}

test "a wedge that no restart cures, careful" {
  trace    = "nothing-helps.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 12m   ok
    13m         act      sync_stall        | Container azero sync stalled for 180s (no progress)
    14m .. 17m  held     cooldown
    18m .. 22m  held     block_lag.severe  | Container azero is behind by 80 blocks (>50). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is not …
    23m         act      block_lag.severe  | Container azero is behind by 130 blocks (>50). Restarting...; Container azero sync stalled for 180s (no progress)
    24m .. 27m  held     cooldown
    28m .. 32m  held     block_lag.severe  | Container azero is behind by 180 blocks (>50). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is not…
    33m .. 1h   held     block_lag.severe  | Container azero is behind by 230 blocks (>50). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: the last …
  EOT
}
