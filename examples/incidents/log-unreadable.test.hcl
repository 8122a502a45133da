# The container writes its log with a driver that cannot be read. An operator sees it in the verdict, and
# creates the container anew with another driver.
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

test "a log that cannot be read" {
  about    = "Nothing can be read until 10m, when the container is created anew."
  operator = "Changed the driver, and until then looked at the node in other ways."

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

    log_error {
      at    = "1s"
      error = "configured logging driver does not support reading"
    }

    target {
      at      = "10m0.2s"
      started = t
    }

    log {
      at   = "10m0.7s"
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
      at   = "10m4.1s"
      text = <<-EOT
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000585
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      from  = "10m6.2s"
      to    = "10m6.44s"
      every = "12ms"
      text  = "${info} substrate: ✨ Imported #${105000586 + n} (${hash(105000586 + n)})"
    }

    log {
      from  = "10m7.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "10m24.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "10m14.3s"
      text = "${info} aleph-block-sync: No longer in major sync state."
    }
  }

  expect {
    to      = "10m"
    verdict = "unknown"
    holds   = lag == null
  }
  expect {
    from    = "16m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 10m   unknown  evidence  | Container azero: the log cannot be read: configured logging driver does not support reading
    11m .. 15m  held     cooldown
    16m .. 20m  ok
  EOT
}

test "a log that cannot be read, careful" {
  trace    = "log-unreadable.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m .. 10m   unknown  evidence  | Container azero: the log cannot be read: configured logging driver does not support reading
    11m .. 15m  held     cooldown
    16m .. 20m  ok
  EOT
}
