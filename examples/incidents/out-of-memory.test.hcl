# The kernel ends the node, Docker starts it again, and it catches up.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 381 ? floor(t) :
    t < 390 ? 380 :
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

test "a node that runs out of memory" {
  about    = "Ended by the kernel at 6m20s, running again half a second later."
  operator = "Nothing now; looked at the memory of the last weeks, and planned a restart or an upgrade."

  history {
    to = "16m"

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
      to    = "6m20.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      to    = "6m3.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "6m20.5s"
      text = "xargs: aleph-node: terminated by signal 9"
    }

    target {
      at         = "6m20.7s"
      restarting = true
      exit_code  = 125
      oom_killed = true
      finished   = t
    }

    target {
      at      = "6m20.9s"
      started = t
    }

    log {
      at   = "6m21.4s"
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
      at   = "6m25.1s"
      text = <<-EOT
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000378
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      from  = "6m28.2s"
      to    = "6m28.32s"
      every = "12ms"
      text  = "${info} substrate: ✨ Imported #${105000379 + n} (${hash(105000379 + n)})"
    }

    log {
      from  = "6m30.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "6m44.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "6m35.3s"
      text = "${info} aleph-block-sync: No longer in major sync state."
    }
  }

  expect {
    from = "7m"
    to   = "11m"
    rule = "cooldown"
  }
  expect {
    from    = "12m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 6m    ok
    7m .. 11m   held  cooldown
    12m .. 16m  ok
  EOT
}

test "a node that runs out of memory, careful" {
  trace    = "out-of-memory.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 6m    ok
    7m .. 11m   held     cooldown
    12m .. 16m  ok
  EOT
}
