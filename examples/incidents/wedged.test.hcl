# The case headwatch exists for: a node stands still at a block while its network goes on. The process lives,
# its peers are there, the status line goes on with the same block. A restart cures it.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 611 ? floor(t) :
    t < 678 ? 610 :
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

test "a node wedged at a block is restarted once" {
  about    = "Imports end at 10m10s; the container is restarted, catches up 67 blocks within a second, and goes on."
  operator = "Waited a few minutes, as many a stall ends by itself, then restarted it, once."
  differs  = "It restarts at the first check that sees more than 20 blocks, here 50 s after the last one."

  history {
    to = "25m"

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
      to    = "10m10.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      to    = "11m3.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "5m0.4s"
      every = "15m"
      text  = "${info} aleph-party: Running session ${floor(network / 900)}."
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
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000610
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      from  = "11m16.2s"
      to    = "11m16.992s"
      every = "12ms"
      text  = "${info} substrate: ✨ Imported #${105000611 + n} (${hash(105000611 + n)})"
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
    to      = "10m"
    verdict = "ok"
  }
  expect {
    at     = "11m"
    rule   = "block_lag.moderate"
    reason = "Container azero is behind by 50 blocks (>20) and not syncing/producing. Restarting..."
  }
  expect {
    from    = "17m"
    verdict = "ok"
    holds   = lag <= 1 && uptime < 900
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m         act   block_lag.moderate  | Container azero is behind by 50 blocks (>20) and not syncing/producing. Restarting...
    12m .. 16m  held  cooldown
    17m .. 25m  ok
  EOT
}

test "a node wedged at a block is restarted once, careful" {
  trace    = "wedged.jsonl.gz"
  env      = { PROFILE = "careful" }
  differs  = "The restart that is recorded comes before its own, which would follow three minutes after the last import, at 14m."
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 11m   ok
    12m .. 16m  held     cooldown
    17m .. 25m  ok
  EOT
}
