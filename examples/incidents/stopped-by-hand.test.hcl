# An operator stops the container for a quarter of an hour of maintenance.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 601 ? floor(t) :
    t < 1512 ? 600 :
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

test "a container stopped by hand" {
  about    = "Stopped at 10m, started at 25m."
  operator = "Nothing."

  history {
    to = "35m"

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
      to    = "9m43.121s"
      every = "20s"
      text  = status
    }

    target {
      at        = "10m10.5s"
      running   = false
      exit_code = 137
      finished  = t
    }

    target {
      at      = "25m0.2s"
      started = t
    }

    log {
      at   = "25m0.7s"
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
      at   = "25m4.1s"
      text = <<-EOT
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000600
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      from  = "25m6.2s"
      to    = "25m10.75s"
      every = "5ms"
      text  = "${info} substrate: ✨ Imported #${105000601 + n} (${hash(105000601 + n)})"
    }

    log {
      from  = "25m12.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "25m24.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "25m20.4s"
      text = "${info} aleph-block-sync: No longer in major sync state."
    }
  }

  expect {
    from    = "11m"
    to      = "25m"
    verdict = "unknown"
    rule    = "target"
  }
  expect {
    from    = "31m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m .. 25m  unknown  target    | Container azero is stopped (exit code 137)
    26m .. 30m  held     cooldown
    31m .. 35m  ok
  EOT
}

test "a container stopped by hand, careful" {
  trace    = "stopped-by-hand.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 10m   ok
    11m .. 25m  unknown  target    | Container azero is stopped (exit code 137)
    26m .. 30m  held     cooldown
    31m .. 35m  ok
  EOT
}
