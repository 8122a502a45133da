# The database of the node compacts: no import for 45 seconds, then it catches up within a second. Recorded in a
# dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 326 ? floor(t) :
    t < 371 ? 325 :
    floor(t)
  )

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a node that stops for 45 seconds" {
  about    = "Imports end at 5m25s and go on at 6m10s; a check at 6m sees it 35 blocks behind."
  operator = "Nothing: it ends by itself, which a second look a minute later shows."
  differs  = <<-EOT
    It restarts: 20 blocks are 20 seconds, and one check is enough. for = "2m" in block_lag "moderate" would
    wait.
  EOT

  history {
    to = "14m"

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
      to    = "5m25.018s"
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

    log {
      from  = "6m10.2s"
      to    = "6m10.728s"
      every = "12ms"
      text  = "${info} substrate: ✨ Imported #${105000326 + n} (${hash(105000326 + n)})"
    }

    log {
      from  = "6m11.018s"
      every = "1s"
      text  = import
    }
  }

  expect {
    at    = "6m"
    rule  = "block_lag.moderate"
    facts = { lag = 35 }
  }
  expect {
    at    = "7m"
    holds = lag <= 1
  }

  verdicts = <<-EOT
    1m .. 5m    ok
    6m          act   block_lag.moderate  | Container azero is behind by 35 blocks (>20) and not syncing/producing. Restarting...
    7m .. 10m   held  cooldown
    11m .. 14m  ok
  EOT
}

test "a node that stops for 45 seconds, careful" {
  trace    = "hiccup.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 14m  ok
  EOT
}
