# The network upgrades, and this node is too old for it: it ends seconds after each start. Docker starts it
# again, at last once a minute, until an operator runs the new version.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 901 ? floor(t) :
    t < 1842 ? 900 :
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

test "a node too old for its network" {
  about    = "From 15m on each run ends within six seconds; the new version is started at 30m30s."
  operator = "Read the panic and ran the version that the network asks for. No restart helps."
  differs  = <<-EOT
    It holds back at every check: the container is restarting, or has just been started. That the node is
    too old is in the log only: its verdicts do not say it, as each run is over before a check sees it.
  EOT

  history {
    to = "40m"

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
      to    = "15m0.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      to    = "14m43.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "5m0.4s"
      to    = "5m1s"
      every = "15m"
      text  = "${info} aleph-party: Running session ${floor(network / 900)}."
    }

    target {
      from       = "15m1s"
      to         = "30m"
      every      = "66s"
      restarting = true
      exit_code  = 123
      finished   = t
    }

    target {
      from    = "16m1s"
      to      = "29m50s"
      every   = "66s"
      started = t
    }

    log {
      from  = "16m1.5s"
      to    = "29m50s"
      every = "66s"
      text  = "${stamp}  INFO main sc_cli::runner: Aleph Node"
    }

    log {
      from  = "16m1.5s"
      to    = "29m50s"
      every = "66s"
      text  = "${stamp}  INFO main sc_cli::runner: ✌️  version 14.1.0-5f1c7d3b8a2"
    }

    log {
      from  = "16m4.5s"
      to    = "29m50s"
      every = "66s"
      text  = "${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000900"
    }

    log {
      from  = "15m0.9s"
      to    = "29m59s"
      every = "66s"
      text  = <<-EOT

        ====================

        Version: 14.1.0-5f1c7d3b8a2

        Thread 'tokio-runtime-worker' panicked at 'Too new version 5. Supported versions: AlephBFT 4 and 3. Probably outdated node.', finality-aleph/src/party/manager/mod.rs:446

        This is a bug. Please report it at:
      EOT
    }

    target {
      at      = "30m30.2s"
      started = t
    }

    log {
      at   = "30m30.7s"
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
      at   = "30m34.1s"
      text = <<-EOT
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000900
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      from  = "30m36.2s"
      to    = "30m40.9s"
      every = "5ms"
      text  = "${info} substrate: ✨ Imported #${105000901 + n} (${hash(105000901 + n)})"
    }

    log {
      from  = "30m42.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "30m54.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "30m50.3s"
      text = "${info} aleph-block-sync: No longer in major sync state."
    }
  }

  expect {
    from  = "17m"
    to    = "35m"
    holds = uptime == null || uptime < 300
  }
  expect {
    from    = "36m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 15m   ok
    16m .. 25m  unknown  target    | Container azero is restarting (exit code 123)
    26m         held     cooldown
    27m .. 30m  unknown  target    | Container azero is restarting (exit code 123)
    31m .. 35m  held     cooldown
    36m .. 40m  ok
  EOT
}

test "a node too old for its network, careful" {
  trace    = "outdated-binary.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence    | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 15m   ok
    16m .. 25m  unknown  target      | Container azero is restarting (exit code 123)
    26m         held     crash_loop  | Container azero was started 10 times within 15m0s, and not by headwatch; outdated: Thread 'tokio-runtime-worker' panicked at 'Too new version 5. Supported versi…
    27m .. 30m  unknown  target      | Container azero is restarting (exit code 123)
    31m         held     crash_loop  | Container azero was started 14 times within 15m0s, and not by headwatch; outdated: Thread 'tokio-runtime-worker' panicked at 'Too new version 5. Supported versi…
    32m .. 40m  held     crash_loop  | Container azero was started 13 times within 15m0s, and not by headwatch
  EOT
}
