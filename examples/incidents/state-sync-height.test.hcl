# A node that has blocks fetches a newer state: meanwhile its best block stays what it was. Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
  node    = min(network, 20000200 + floor((t - 1800) * 2))
}

test "a state sync at a height" {
  about    = "The node stands at a block for 30 minutes, 10,000 blocks behind, and fetches the state; then it imports the last blocks."
  operator = "Nothing: the log says how far it is."
  differs  = "It restarts it every five minutes, and each time the state sync begins anew."

  history {
    to = "45m"

    target {
      started = "-10s"
    }

    head {
      every      = "30s"
      best       = network
      block_time = t - 2
    }

    log {
      to    = "30m"
      every = "30s"
      text  = "${stamp} ⚙️  State sync, Importing state, ${floor(t / 18)}%, 117.12 Mib (8 peers), best: #19990000 (0x91b1…90c3), finalized #19990000 (0x91b1…90c3), ⬇ 2.1MiB/s ⬆ 9.9kiB/s"
    }

    log {
      from  = "30m15s"
      to    = "33m15s"
      every = "30s"
      text  = "${stamp} ⚙️  Syncing 8.0 bps, target=#${network} (12 peers), best: #${node} (0x12ab…34cd), finalized #${node} (0x56cd…78ef), ⬇ 1.1MiB/s ⬆ 9.9kiB/s"
    }

    log {
      from  = "33m30s"
      every = "30s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 4m    held  cooldown
    5m          act   block_lag.severe  | Container azero is behind by 10050 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag in…
    6m .. 9m    held  cooldown
    10m         act   block_lag.severe  | Container azero is behind by 10100 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag in…
    11m .. 14m  held  cooldown
    15m         act   block_lag.severe  | Container azero is behind by 10150 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag in…
    16m .. 19m  held  cooldown
    20m         act   block_lag.severe  | Container azero is behind by 10200 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag in…
    21m .. 24m  held  cooldown
    25m         act   block_lag.severe  | Container azero is behind by 10250 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag in…
    26m .. 29m  held  cooldown
    30m         act   block_lag.severe  | Container azero is behind by 10300 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag in…
    31m .. 34m  held  cooldown
    35m .. 45m  ok
  EOT
}

test "a state sync at a height, careful" {
  trace    = "state-sync-height.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m .. 4m    held  cooldown
    5m .. 30m   held  block_lag.severe    | Container azero is behind by 10050 blocks (>50). Restarting... (catching_up: not restarted); Container azero sync stalled for 180s (no progress); catching_up: t…
    31m         held  block_lag.moderate  | Container azero is behind by 20 blocks (>15) and not syncing/producing. Restarting... (catching_up: not restarted); catching_up: the node gains 28.42 blocks a s…
    32m .. 45m  ok
  EOT
}
