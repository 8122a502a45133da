# The network stands for twenty minutes, with a single block in the middle, as Kusama did in August 2025. A node
# that was down as it began comes back forty blocks behind, and nobody has these blocks for it.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  # The newest block of the network, and that of the node.
  network = 20000000 + (t < 1680 ? floor(t / 6) : t < 2340 ? 280 : t < 2880 ? 281 : floor(t / 6) - 199)
  node    = t < 1440 ? network : t < 3000 ? 20000240 : network

  made = t < 1680 || t >= 2880 ? t - 2 : t < 2340 ? 1680 : 2340
}

test "a halt with a single block in the middle" {
  about    = "No block from 28m on but one at 39m, until 48m. The node is started at 30m, 40 blocks behind, and gets them at 50m."
  operator = "Nothing to the node: nobody makes a block that it could import."
  differs  = "It restarts it at the single block, and when the network goes on."

  history {
    to = "62m"

    target {
      started = "-125h"
    }

    target {
      at = "24m"
      running = false
      finished = "24m"
      exit_code = 0
    }

    target {
      at = "30m"
      started = "30m"
    }

    head {
      every      = "30s"
      best       = network
      block_time = made
    }

    log {
      to    = "24m"
      every = "30s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }

    log {
      from  = "30m20s"
      every = "30s"
      text  = "${stamp} 💤 Idle (2 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 23m    ok
    24m .. 29m   unknown  target              | Container azero is stopped (exit code 0)
    30m .. 34m   held     cooldown
    35m .. 38m   unknown  evidence            | Container azero: no usable head (onfinality: its newest head is 420s old (max_age 180s), or this machine's clock is ahead)
    39m          act      block_lag.moderate  | Container azero is behind by 41 blocks (>20) and not syncing/producing. Restarting...
    40m .. 43m   held     cooldown
    44m .. 47m   unknown  evidence            | Container azero: no usable head (onfinality: its newest head is 300s old (max_age 180s), or this machine's clock is ahead)
    48m          act      block_lag.moderate  | Container azero is behind by 41 blocks (>20) and not syncing/producing. Restarting...
    49m .. 52m   held     cooldown
    53m .. 1h2m  ok
  EOT
}

test "a halt with a single block in the middle, careful" {
  trace    = "halt-single-blocks.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m           unknown  evidence    | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 23m    ok
    24m .. 29m   unknown  target      | Container azero is stopped (exit code 0)
    30m .. 34m   held     cooldown
    35m .. 38m   held     sync_stall  | Container azero sync stalled for 180s (no progress) (network_stall: not restarted); network_stall: the network stands
    39m .. 41m   held     sync_stall  | Container azero sync stalled for 180s (no progress) (network_stall: not restarted); network_stall: the network stood, and has gone on for 0s
    42m .. 48m   held     sync_stall  | Container azero sync stalled for 180s (no progress) (network_stall: not restarted); network_stall: the network stands
    49m .. 50m   held     sync_stall  | Container azero sync stalled for 180s (no progress) (network_stall: not restarted); network_stall: the network stood, and has gone on for 0s
    51m .. 1h2m  ok
  EOT
}
