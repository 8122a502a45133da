# A node stops in the middle of a catch-up: it counts as syncing, and imports nothing. Recorded in a dry run, so
# nobody restarts it.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = 104990000 + floor(5 * min(t, 300))

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a node wedged in major sync" {
  about    = "The node is 10,000 blocks behind and catches up 5 blocks/s until 5m; then it stands still."
  operator = "Left it alone while it caught up, and restarted it a few minutes after it stopped."
  differs  = "It restarts the healthy catch-up too, from the first check on and after each cooldown."

  history {
    to = "24m"

    target {
      started = "-10m"
    }

    head {
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    log {
      at   = "0s"
      text = "${info} aleph-block-sync: Switched to major sync state."
    }

    log {
      from  = "18ms"
      to    = "4m59.9s"
      every = "200ms"
      text  = import
    }

    log {
      from  = "3.121s"
      every = "20s"
      text  = status
    }
  }

  expect {
    to    = "5m"
    holds = caught_up == null || caught_up >= 295
  }
  expect {
    from  = "9m"
    holds = stalled_for >= 180 && caught_up == 0 && major_sync
  }

  verdicts = <<-EOT
    1m          act   block_lag.severe  | Container azero is behind by 9761 blocks (>100). Restarting...
    2m .. 5m    held  cooldown
    6m          act   block_lag.severe  | Container azero is behind by 8860 blocks (>100). Restarting...
    7m .. 10m   held  cooldown
    11m         act   block_lag.severe  | Container azero is behind by 9160 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag inc…
    12m .. 15m  held  cooldown
    16m         act   block_lag.severe  | Container azero is behind by 9460 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag inc…
    17m .. 20m  held  cooldown
    21m         act   block_lag.severe  | Container azero is behind by 9760 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag inc…
    22m .. 24m  held  cooldown
  EOT
}

test "a node wedged in major sync, careful" {
  trace    = "wedged-in-sync.jsonl.gz"
  env      = { PROFILE = "careful" }
  differs  = "It waits until ten minutes after the last five minutes in which the node gained: 14 minutes in all."
  verdicts = <<-EOT
    1m          unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 3m    ok
    4m          held     block_lag.severe  | Container azero is behind by 9041 blocks (>300). Restarting... (catching_up: not restarted); catching_up: it cannot be told whether the node gains on the networ…
    5m .. 8m    held     block_lag.severe  | Container azero is behind by 8801 blocks (>300). Restarting... (catching_up: not restarted); catching_up: the node gains 4.00 blocks a second on the network
    9m          held     block_lag.severe  | Container azero is behind by 9040 blocks (>300). Restarting... (catching_up: not restarted); Container azero sync stalled for 180s (no progress); catching_up: t…
    10m .. 18m  held     block_lag.severe  | Container azero is behind by 9100 blocks (>300). Restarting... (catching_up: not restarted); Container azero sync stalled for 180s (no progress); catching_up: t…
    19m         act      block_lag.severe  | Container azero is behind by 9640 blocks (>300). Restarting...; Container azero sync stalled for 180s (no progress)
    20m .. 23m  held     cooldown
    24m         held     block_lag.severe  | Container azero is behind by 9940 blocks (>300). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is n…
  EOT
}
