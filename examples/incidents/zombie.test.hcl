# The sync task of the node dies and the process lives on: it says so in two lines, and does no work from then
# on.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 606 ? floor(t) :
    t < 678 ? 605 :
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

test "a process that lives and does no work" {
  about    = "Two error lines at 10m5s, then silence, imports and status line both; a restart brings it back."
  operator = "Restarted it at once: nothing but a restart brings the task back."
  differs  = "It does not act on the two lines by themselves but on the lag, at the first check above 20 blocks."

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
      to    = "10m5.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      to    = "9m43.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "5m0.4s"
      every = "15m"
      text  = "${info} aleph-party: Running session ${floor(network / 900)}."
    }

    log {
      at   = "10m5.4s"
      text = <<-EOT
        ${stamp} ERROR tokio-runtime-worker aleph-party: Sync service finished with error: Error receiving data from network: Notifications event stream ended...
        ${stamp} ERROR tokio-runtime-worker aleph-network: Base protocol service finished with error: channel with events from network closed.
      EOT
    }

    action {
      at      = "11m10.4s"
      outcome = "done"
      detail  = "restarted; the node was killed after 10s, exit code 137"
    }

    target {
      at       = "11m10.4s"
      started  = "11m10.2s"
      finished = "11m10.1s"
    }

    log {
      at   = "11m10.7s"
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
      at   = "11m14.1s"
      text = <<-EOT
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000605
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      from  = "11m16.2s"
      to    = "11m17.052s"
      every = "12ms"
      text  = "${info} substrate: ✨ Imported #${105000606 + n} (${hash(105000606 + n)})"
    }

    log {
      at   = "11m24.4s"
      text = "${info} aleph-block-sync: No longer in major sync state."
    }

    log {
      from  = "11m18.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "11m34.121s"
      every = "20s"
      text  = status
    }
  }

  expect {
    at      = "11m"
    verdict = "act"
    holds   = log_age > 50
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m         act   block_lag.moderate  | Container azero is behind by 55 blocks (>20) and not syncing/producing. Restarting...
    12m .. 16m  held  cooldown
    17m .. 20m  ok
  EOT
}

test "a process that lives and does no work, careful" {
  trace    = "zombie.jsonl.gz"
  env      = { PROFILE = "careful" }
  differs  = "The restart that is recorded comes before its own, which would follow three minutes after the last import, at 14m."
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 11m   ok
    12m .. 16m  held     cooldown
    17m .. 20m  ok
  EOT
}
