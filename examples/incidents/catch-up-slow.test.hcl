# A node on a slow disk catches up 1.25 blocks/s where the network makes one: it gains 15 blocks a minute, and
# needs three hours for 2,600. Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = 104997400 + floor(1.25 * t)

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a slow catch-up" {
  about    = "The node is 2,600 blocks behind and gains one block in four seconds."
  operator = "Looked at disk and peers, and left it alone: it converges, and a restart costs it more than it gains."
  differs  = "It restarts from the first check on, and every five minutes."

  history {
    to = "20m"

    target {
      started = "-1h"
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
      every = "800ms"
      text  = import
    }

    log {
      from  = "3.121s"
      every = "20s"
      text  = status
    }
  }

  expect {
    from  = "2m"
    holds = major_sync && sync_rate > 1.2 && sync_rate < 1.3 && lag < 2600 && !falling_behind
  }

  verdicts = <<-EOT
    1m          act   block_lag.severe  | Container azero is behind by 2586 blocks (>100). Restarting...
    2m .. 5m    held  cooldown
    6m          act   block_lag.severe  | Container azero is behind by 2511 blocks (>100). Restarting...
    7m .. 10m   held  cooldown
    11m         act   block_lag.severe  | Container azero is behind by 2436 blocks (>100). Restarting...
    12m .. 15m  held  cooldown
    16m         act   block_lag.severe  | Container azero is behind by 2361 blocks (>100). Restarting...
    17m .. 20m  held  cooldown
  EOT
}

test "a slow catch-up, careful" {
  trace    = "catch-up-slow.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 3m   ok
    4m         held     block_lag.severe  | Container azero is behind by 2541 blocks (>300). Restarting... (catching_up: not restarted); catching_up: it cannot be told whether the node gains on the networ…
    5m .. 20m  held     block_lag.severe  | Container azero is behind by 2526 blocks (>300). Restarting... (catching_up: not restarted); catching_up: the node gains 0.25 blocks a second on the network
  EOT
}
