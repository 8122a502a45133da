# A node catches up in bursts: it imports for three minutes, and then waits two minutes for its peers. Recorded in a
# dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
  # Seconds of importing so far.
  work = floor(t / 300) * 180 + min(t - floor(t / 300) * 300, 180)
  node = min(network, 19997000 + floor(2 * work))
}

test "a catch-up in bursts" {
  about    = "The node is 3,000 blocks behind and imports two blocks a second, three minutes on and two off."
  operator = "Left it alone: it converges."
  differs  = "It restarts it at once, and every five minutes."

  history {
    to = "40m"

    target {
      started = "-1m"
    }

    head {
      every      = "30s"
      best       = network
      block_time = t - 2
    }

    log {
      every = "30s"
      text  = "${stamp} ⚙️  Syncing 8.0 bps, target=#${network} (12 peers), best: #${node} (0x12ab…34cd), finalized #${node} (0x56cd…78ef), ⬇ 1.1MiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 3m    held  cooldown
    4m          act   block_lag.severe  | Container azero is behind by 2680 blocks (>100). Restarting...
    5m .. 8m    held  cooldown
    9m          act   block_lag.severe  | Container azero is behind by 2370 blocks (>100). Restarting...
    10m .. 13m  held  cooldown
    14m         act   block_lag.severe  | Container azero is behind by 2060 blocks (>100). Restarting...
    15m .. 18m  held  cooldown
    19m         act   block_lag.severe  | Container azero is behind by 1750 blocks (>100). Restarting...
    20m .. 23m  held  cooldown
    24m         act   block_lag.severe  | Container azero is behind by 1440 blocks (>100). Restarting...
    25m .. 28m  held  cooldown
    29m         act   block_lag.severe  | Container azero is behind by 1130 blocks (>100). Restarting...
    30m .. 33m  held  cooldown
    34m         act   block_lag.severe  | Container azero is behind by 820 blocks (>100). Restarting...
    35m .. 38m  held  cooldown
    39m         act   block_lag.severe  | Container azero is behind by 510 blocks (>100). Restarting...
    40m         held  cooldown
  EOT
}

test "a catch-up in bursts, careful" {
  trace    = "catch-up-bursts.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m .. 3m   held  cooldown
    4m         held  block_lag.severe  | Container azero is behind by 2680 blocks (>50). Restarting... (catching_up: not restarted); catching_up: it cannot be told whether the node gains on the network…
    5m .. 40m  held  block_lag.severe  | Container azero is behind by 2690 blocks (>50). Restarting... (catching_up: not restarted); catching_up: the node gains 0.83 blocks a second on the network
  EOT
}
