# An essential task of the node fails 70 seconds after each start, and Docker's own restart policy starts it
# again, for twenty minutes; then an operator finds and cures what is behind it.
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

test "a crash loop under Docker's own restart policy" {
  about    = "A new run every 80 seconds from 10m on; the node is never more than some seconds behind."
  operator = "Read the log of a run, and cured what it says. Another restart is one more of many."
  differs  = <<-EOT
    It holds back, as a run younger than the cooldown is never touched. It does not say that this is a loop:
    only the age in its sentence shows it, which begins anew all the time.
  EOT

  history {
    to = "38m"

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
      every = "1s"
      when  = t < 600 || t > 1807 || (t - 600) % 80 > 6 && (t - 600) % 80 < 70
      text  = import
    }

    target {
      from       = "10m0.2s"
      to         = "28m40.2s"
      every      = "80s"
      restarting = true
      exit_code  = 123
      finished   = t
    }

    target {
      from    = "10m0.4s"
      to      = "28m40.4s"
      every   = "80s"
      started = t
    }

    log {
      from  = "10m0.9s"
      to    = "30m"
      every = "80s"
      text  = "${stamp}  INFO main sc_cli::runner: Aleph Node"
    }

    log {
      from  = "10m0.9s"
      to    = "30m"
      every = "80s"
      text  = "${stamp}  INFO main sc_cli::runner: ✌️  version 15.2.0-36ed9faa3fd"
    }

    log {
      from  = "10m4.1s"
      to    = "30m"
      every = "80s"
      text  = "${stamp}  INFO main sc_service::builder: 📦 Highest known block at #${node - 4}"
    }

    log {
      from  = "10m4.2s"
      to    = "30m"
      every = "80s"
      text  = "${info} aleph-block-sync: Switched to major sync state."
    }

    log {
      from  = "10m14.3s"
      to    = "30m"
      every = "80s"
      text  = "${info} aleph-block-sync: No longer in major sync state."
    }

    log {
      from  = "11m10s"
      to    = "30m"
      every = "80s"
      text  = <<-EOT
        ${stamp} ERROR tokio-runtime-worker aleph-party: Consensus party has finished unexpectedly.
        ${stamp} ERROR tokio-runtime-worker sc_service::task_manager: Essential task `aleph` failed. Shutting down service.
        Error: Service(Other("Essential task failed."))
      EOT
    }

    target {
      at      = "30m0.4s"
      started = t
    }

    log {
      at   = "30m0.9s"
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
      at   = "30m4.1s"
      text = <<-EOT
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #${node - 4}
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      at   = "30m14.3s"
      text = "${info} aleph-block-sync: No longer in major sync state."
    }
  }

  expect {
    from = "11m"
    to   = "35m"
    rule = "cooldown"
  }
  expect {
    from    = "36m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m .. 35m  held  cooldown
    36m .. 38m  ok
  EOT
}

test "a crash loop under Docker's own restart policy, careful" {
  trace    = "crash-loop.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence    | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 10m   ok
    11m .. 14m  held     cooldown
    15m .. 38m  held     crash_loop  | Container azero was started 4 times within 15m0s, and not by headwatch
  EOT
}
