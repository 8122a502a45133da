# A validator whose import queue is dead: it goes on proposing in its own slots, on top of the same block each
# time, and imports nothing, not even its own.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 611 ? floor(t) :
    t < 738 ? 610 :
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

test "a producer without imports" {
  about    = "Imports end at 10m10s; the node keeps preparing and sealing block 105000611, every 30 seconds."
  operator = "Restarted it after two or three minutes: blocks that nobody imports are no production."

  history {
    to = "22m"

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
      to    = "12m3.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "5m0.4s"
      every = "15m"
      text  = "${info} aleph-party: Running session ${floor(network / 900)}."
    }

    log {
      from  = "10.002s"
      to    = "12m10s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🙌 Starting consensus session on top of parent 0x6666000000000000000000000000000000000000000000000000000000ffff66"
    }

    log {
      from  = "10.009s"
      to    = "12m10s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at ${node + 1} (3 ms) [hash: 0x8888000000000000000000000000000000000000000000000000000000aaaa88; parent_hash: 0x6666…ff66; no extrinsics"
    }

    log {
      from  = "10.011s"
      to    = "12m10s"
      every = "30s"
      text  = "${info} aura: 🔖 Pre-sealed block for proposal at ${node + 1}. Hash now 0x9999000000000000000000000000000000000000000000000000000000bbbb99, previously 0x8888000000000000000000000000000000000000000000000000000000aaaa88."
    }

    action {
      at      = "12m10.4s"
      outcome = "done"
      detail  = "restarted; the node was killed after 10s, exit code 137"
    }

    target {
      at       = "12m10.4s"
      started  = "12m10.2s"
      finished = "12m10.1s"
    }

    log {
      at   = "12m10.7s"
      text = <<-EOT
        ${stamp}  INFO main sc_cli::runner: Aleph Node
        ${stamp}  INFO main sc_cli::runner: ✌️  version 15.2.0-36ed9faa3fd
        ${stamp}  INFO main sc_cli::runner: ❤️  by Cardinal:Aleph Zero Foundation, 2021-2025
        ${stamp}  INFO main sc_cli::runner: 📋 Chain specification: Aleph Zero
        ${stamp}  INFO main sc_cli::runner: 🏷  Node name: azero
        ${stamp}  INFO main sc_cli::runner: 👤 Role: AUTHORITY
        ${stamp}  INFO main sc_cli::runner: 💾 Database: RocksDb at /data/chains/mainnet/db/full
      EOT
    }

    log {
      at   = "12m14.1s"
      text = <<-EOT
        ${stamp}  INFO main sc_service::builder: 📦 Highest known block at #105000610
        ${info} substrate_prometheus_endpoint: 〽️ Prometheus exporter started at 0.0.0.0:9615
        ${stamp}  INFO                 main sc_rpc_server: Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]
        ${info} aleph-block-sync: Switched to major sync state.
      EOT
    }

    log {
      from  = "12m16.2s"
      to    = "12m17.712s"
      every = "12ms"
      text  = "${info} substrate: ✨ Imported #${105000611 + n} (${hash(105000611 + n)})"
    }

    log {
      at   = "12m24.4s"
      text = "${info} aleph-block-sync: No longer in major sync state."
    }

    log {
      from  = "12m18.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "12m34.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "12m40.002s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🙌 Starting consensus session on top of parent 0x6666000000000000000000000000000000000000000000000000000000ffff66"
    }

    log {
      from  = "12m40.009s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at ${node} (3 ms) [hash: 0x8888000000000000000000000000000000000000000000000000000000aaaa88; parent_hash: 0x6666…ff66; no extrinsics"
    }

    log {
      from  = "12m40.011s"
      every = "30s"
      text  = "${info} aura: 🔖 Pre-sealed block for proposal at ${node}. Hash now 0x9999000000000000000000000000000000000000000000000000000000bbbb99, previously 0x8888000000000000000000000000000000000000000000000000000000aaaa88."
    }
  }

  expect {
    at      = "11m"
    verdict = "ok"
    facts   = { producing = true, lag = 50 }
  }
  expect {
    at    = "12m"
    rule  = "block_lag.severe"
    facts = { producing = true, lag = 110 }
  }

  verdicts = <<-EOT
    1m .. 11m   ok
    12m         act   block_lag.severe  | Container azero is behind by 110 blocks (>100). Restarting...; Container azero falling behind (avg lag increase over 300s)
    13m .. 17m  held  cooldown
    18m .. 22m  ok
  EOT
}

test "a producer without imports, careful" {
  trace    = "producer-without-imports.jsonl.gz"
  env      = { PROFILE = "careful" }
  differs  = "The restart that is recorded comes before its own, which would follow three minutes after the last import, at 14m."
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet)
    2m .. 12m   ok
    13m .. 17m  held     cooldown
    18m .. 22m  ok
  EOT
}
