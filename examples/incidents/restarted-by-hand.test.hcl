# An operator stops the container, pulls a new image and starts it again three minutes later.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 301 ? floor(t) :
    t < 508 ? 300 :
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

test "a container restarted by hand" {
  about    = "Stopped at 5m, started at 8m20s; the node catches up 200 blocks within a second."
  operator = "Nothing."

  history {
    to = "18m"

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
      to    = "5m0.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      to    = "4m43.121s"
      every = "20s"
      text  = status
    }

    target {
      at        = "5m10.5s"
      running   = false
      exit_code = 137
      finished  = t
    }

    target {
      at      = "8m20.2s"
      started = t
    }

    log {
      at   = "8m20.7s"
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
      at   = "8m24.1s"
      text = <<-EOT
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000300
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      from  = "8m26.2s"
      to    = "8m27.235s"
      every = "5ms"
      text  = "${info} substrate: ✨ Imported #${105000301 + n} (${hash(105000301 + n)})"
    }

    log {
      from  = "8m29.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "8m44.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "8m34.4s"
      text = "${info} aleph-block-sync: No longer in major sync state."
    }
  }

  expect {
    at     = ["6m", "7m", "8m"]
    rule   = "target"
    reason = "Container azero is stopped (exit code 137)"
  }
  expect {
    from = "9m"
    to   = "13m"
    rule = "cooldown"
  }
  expect {
    from    = "14m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 5m    ok
    6m .. 8m    unknown  target    | Container azero is stopped (exit code 137)
    9m .. 13m   held     cooldown
    14m .. 18m  ok
  EOT
}

test "a container restarted by hand, careful" {
  trace    = "restarted-by-hand.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 5m    ok
    6m .. 8m    unknown  target    | Container azero is stopped (exit code 137)
    9m .. 13m   held     cooldown
    14m .. 18m  ok
  EOT
}
