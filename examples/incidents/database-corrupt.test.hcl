# After a power loss the database of the node cannot be opened. Docker tries three times and gives up.
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

test "a node whose database is damaged" {
  about    = "The machine is off from 10m to 13m; then the node ends with the same error at each start."
  operator = "Restored a snapshot, or synced anew. No restart helps, and each may make it worse."

  history {
    to = "20m"

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

    target {
      from  = "10m5s"
      to    = "12m35s"
      every = "30s"
      error = "inspect container: connect to tcp://node.example.org:2376: no route to host"
    }

    target {
      at      = "13m5s"
      started = t
    }

    log {
      at   = "13m5.5s"
      text = <<-EOT
        ${stamp}  INFO main sc_cli::runner: Aleph Node
        ${stamp}  INFO main sc_cli::runner: ✌️  version 15.2.0-36ed9faa3fd
        ${stamp}  INFO main sc_cli::runner: ❤️  by Cardinal:Aleph Zero Foundation, 2021-2025
        ${stamp}  INFO main sc_cli::runner: 📋 Chain specification: Aleph Zero
        ${stamp}  INFO main sc_cli::runner: 🏷  Node name: azero
        ${stamp}  INFO main sc_cli::runner: 👤 Role: FULL
        ${stamp}  INFO main sc_cli::runner: 💾 Database: RocksDb at /data/chains/mainnet/db/full
      EOT
    }

    log {
      at   = "13m6.2s"
      text = <<-EOT
        Error: Service(Client(Backend("Corruption: Corrupted compressed block contents: Snappy")))
      EOT
    }

    target {
      at         = "13m6.4s"
      restarting = true
      exit_code  = 123
      finished   = t
    }

    target {
      at      = "13m6.8s"
      started = t
    }

    log {
      at   = "13m8s"
      text = <<-EOT
        Error: Service(Client(Backend("Corruption: Corrupted compressed block contents: Snappy")))
      EOT
    }

    target {
      at        = "13m9s"
      running   = false
      exit_code = 123
      finished  = t
    }
  }

  expect {
    at     = ["11m", "12m", "13m"]
    rule   = "target"
    reason = "no route to host"
  }
  expect {
    from   = "14m"
    rule   = "target"
    reason = "is stopped (exit code 123)"
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m .. 13m  unknown  target  | Container azero cannot be inspected: inspect container: connect to tcp://node.example.org:2376: no route to host
    14m .. 20m  unknown  target  | Container azero is stopped (exit code 123)
  EOT
}

test "a node whose database is damaged, careful" {
  trace    = "database-corrupt.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 10m   ok
    11m .. 13m  unknown  target    | Container azero cannot be inspected: inspect container: connect to tcp://node.example.org:2376: no route to host
    14m .. 20m  unknown  target    | Container azero is stopped (exit code 123)
  EOT
}
