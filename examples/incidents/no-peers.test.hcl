# The network cable of the machine: no peers, no imports. The endpoint is asked over another line. Recorded in a
# dry run; a restart would change nothing.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 601 ? floor(t) :
    t < 1808 ? 600 :
    floor(t)
  )

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - ${t < 615 || t > 1802 ? 12 : 0}; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - ${t < 615 || t > 1802 ? 12 : 0}; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a node without peers" {
  about    = "All peers are gone from 10m to 30m; then the node catches up by itself."
  operator = "Looked at the network first; at most one restart, as a second one cannot help where the first did not."
  differs  = "It would restart every five minutes, four times: it does not learn that restarts do not help."

  history {
    to = "40m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    log {
      from  = "18ms"
      to    = "10m0.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      to    = "29m43.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "5m0.4s"
      every = "15m"
      when  = t < 600 || t > 1808
      text  = "${info} aleph-party: Running session ${floor(network / 900)}."
    }

    log {
      from  = "30m1s"
      to    = "30m7.03s"
      every = "5ms"
      text  = "${info} substrate: ✨ Imported #${105000601 + n} (${hash(105000601 + n)})"
    }

    log {
      from  = "30m8.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "30m23.121s"
      every = "20s"
      text  = status
    }
  }

  expect {
    from  = "11m"
    to    = "30m"
    facts = { "fact.peers" = 0 }
  }
  expect {
    from    = "36m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m         act   block_lag.moderate  | Container azero is behind by 60 blocks (>20) and not syncing/producing. Restarting...
    12m .. 15m  held  cooldown
    16m         act   block_lag.severe    | Container azero is behind by 360 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    17m .. 20m  held  cooldown
    21m         act   block_lag.severe    | Container azero is behind by 660 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    22m .. 25m  held  cooldown
    26m         act   block_lag.severe    | Container azero is behind by 960 blocks (>100). Restarting...; Container azero sync stalled for 180s (no progress); Container azero falling behind (avg lag incr…
    27m .. 30m  held  cooldown
    31m .. 40m  ok
  EOT
}

test "a node without peers, careful" {
  trace    = "no-peers.jsonl.gz"
  env      = { PROFILE = "careful" }
  differs  = "It restarts it twice before it leaves it to a person."
  verdicts = <<-EOT
    1m          unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 13m   ok
    14m         act      sync_stall        | Container azero sync stalled for 180s (no progress)
    15m .. 18m  held     cooldown
    19m .. 23m  held     block_lag.severe  | Container azero is behind by 540 blocks (>300). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is no…
    24m         act      block_lag.severe  | Container azero is behind by 840 blocks (>300). Restarting...; Container azero sync stalled for 180s (no progress)
    25m .. 28m  held     cooldown
    29m .. 30m  held     block_lag.severe  | Container azero is behind by 1140 blocks (>300). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is n…
    31m .. 40m  ok
  EOT
}
