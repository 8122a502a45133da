# A node gains 0.3 blocks a second on a network that makes one in six seconds: after a week off it takes days.
# Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
  node    = 19900000 + floor(t * 0.467)
}

test "a catch-up by 0.3 blocks a second" {
  about    = "The node is 100,000 blocks behind and imports 0.47 blocks a second."
  operator = "Left it alone: it converges, and a restart would cost it its peers."
  differs  = "It restarts it as soon as the cooldown after the start is over, and every five minutes."

  history {
    to = "45m"

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
    4m          act   block_lag.severe  | Container azero is behind by 99928 blocks (>100). Restarting...
    5m .. 8m    held  cooldown
    9m          act   block_lag.severe  | Container azero is behind by 99838 blocks (>100). Restarting...
    10m .. 13m  held  cooldown
    14m         act   block_lag.severe  | Container azero is behind by 99748 blocks (>100). Restarting...
    15m .. 18m  held  cooldown
    19m         act   block_lag.severe  | Container azero is behind by 99658 blocks (>100). Restarting...
    20m .. 23m  held  cooldown
    24m         act   block_lag.severe  | Container azero is behind by 99568 blocks (>100). Restarting...
    25m .. 28m  held  cooldown
    29m         act   block_lag.severe  | Container azero is behind by 99478 blocks (>100). Restarting...
    30m .. 33m  held  cooldown
    34m         act   block_lag.severe  | Container azero is behind by 99388 blocks (>100). Restarting...
    35m .. 38m  held  cooldown
    39m         act   block_lag.severe  | Container azero is behind by 99298 blocks (>100). Restarting...
    40m .. 43m  held  cooldown
    44m         act   block_lag.severe  | Container azero is behind by 99208 blocks (>100). Restarting...
    45m         held  cooldown
  EOT
}

test "a catch-up by 0.3 blocks a second, careful" {
  trace    = "catch-up-third.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m .. 3m   held  cooldown
    4m         held  block_lag.severe  | Container azero is behind by 99928 blocks (>50). Restarting... (catching_up: not restarted); catching_up: it cannot be told whether the node gains on the networ…
    5m .. 45m  held  block_lag.severe  | Container azero is behind by 99910 blocks (>50). Restarting... (catching_up: not restarted); catching_up: the node gains 0.30 blocks a second on the network
  EOT
}
