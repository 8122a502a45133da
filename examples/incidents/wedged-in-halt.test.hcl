# A node wedges while its whole network stands. When that goes on again, the node does not. Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  # The newest block of the network, and that of the node.
  network = 20000000 + (t < 600 ? floor(t / 6) : t < 1800 ? 100 : floor(t / 6) - 200)
  node    = min(network, 20000100)
}

test "a node that wedges in a halt of its network" {
  about    = "No block anywhere from 10m to 30m. The node hangs from 20m on, which shows when the network goes on."
  operator = "Waited until the network went on for some minutes and the node did not, then restarted it."
  differs  = "It restarts it two minutes after the network goes on, when many nodes need a moment."

  history {
    to = "44m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = network
      block_time = t < 600 || t >= 1800 ? t - 2 : 598
    }

    log {
      every = "30s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 12m   ok
    13m .. 29m  unknown  evidence            | Container azero: no usable head (onfinality: its newest head is 182s old (max_age 180s), or this machine's clock is ahead)
    30m .. 32m  ok
    33m         act      block_lag.moderate  | Container azero is behind by 30 blocks (>20) and not syncing/producing. Restarting...
    34m .. 37m  held     cooldown
    38m         act      block_lag.moderate  | Container azero is behind by 80 blocks (>20) and not syncing/producing. Restarting...
    39m .. 42m  held     cooldown
    43m         act      block_lag.severe    | Container azero is behind by 130 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    44m         held     cooldown
  EOT
}

test "a node that wedges in a halt of its network, careful" {
  trace    = "wedged-in-halt.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 32m   ok
    33m .. 37m  held     sync_stall        | Container azero sync stalled for 180s (no progress) (network_stall: not restarted); network_stall: the network stood, and has gone on for 120s
    38m .. 39m  held     sync_stall        | Container azero sync stalled for 180s (no progress) (network_stall: not restarted); network_stall: the network goes on again, and a node that stood with it may …
    40m         act      block_lag.severe  | Container azero is behind by 100 blocks (>50). Restarting...; Container azero sync stalled for 180s (no progress)
    41m .. 44m  held     cooldown
  EOT
}
