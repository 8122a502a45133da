# The endpoint claims a block a million ahead of the network for twelve minutes, fresh each time. Recorded in a
# dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = network

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a lying RPC endpoint far ahead" {
  about    = "From 5m to 17m the endpoint answers with a block that does not exist. The node is fine."
  operator = "Nothing to the node: one that made its block a second ago is not eleven days behind. Another endpoint."
  differs  = <<-EOT
    It restarts the healthy node, every five minutes: with one head source there is nobody to contradict it,
    and with several the highest counts.
  EOT

  history {
    to = "23m"

    target {
      started = "-125h"
    }

    head {
      to         = "4m30s"
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    head {
      from       = "5m"
      to         = "17m"
      every      = "30s"
      best       = network + 1000000
      finalized  = network + 1000000 - 2
      block_time = t - 1
    }

    head {
      from       = "17m30s"
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    log {
      from  = "18ms"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "5m0.4s"
      every = "15m"
      text  = "${info} aleph-party: Running session ${floor(network / 900)}."
    }
  }

  expect {
    at    = "5m"
    rule  = "block_lag.severe"
    facts = { lag = 1000001, stalled_for = 16.879 }
  }

  verdicts = <<-EOT
    1m .. 4m    ok
    5m          act   block_lag.severe  | Container azero is behind by 1000001 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
    6m .. 9m    held  cooldown
    10m         act   block_lag.severe  | Container azero is behind by 1000001 blocks (>100). Restarting...
    11m .. 14m  held  cooldown
    15m         act   block_lag.severe  | Container azero is behind by 1000001 blocks (>100). Restarting...
    16m .. 19m  held  cooldown
    20m .. 23m  ok
  EOT
}

test "a lying RPC endpoint far ahead, careful" {
  trace    = "lying-rpc.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 6m    ok
    7m .. 17m   held     block_lag.severe  | Container azero is behind by 1000001 blocks (>300). Restarting... (one_witness: not restarted); one_witness: too few head sources agree on how high the network …
    18m .. 23m  ok
  EOT
}
