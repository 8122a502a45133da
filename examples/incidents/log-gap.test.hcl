# Debug logging floods the log, and Docker rotates it away faster than it can be read: lines are missing from 5m
# on. The node, busy with its log, lags meanwhile, and recovers.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 285 ? floor(t) :
    t < 465 ? 285 + floor((t - 285) / 1.5) :
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

test "a gap in the log while a validator lags" {
  about    = "From 4m45s to 7m45s the node imports two blocks in three seconds; at 5m10s lines are missing."
  operator = "Nothing: it ends by itself. Switched debug logging off."

  history {
    to = "15m"

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
      to    = "4m44.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "4m45.018s"
      to    = "7m44.9s"
      every = "1500ms"
      text  = import
    }

    log {
      from  = "7m46.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "10.002s"
      to    = "4m40s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🙌 Starting consensus session on top of parent 0x6666000000000000000000000000000000000000000000000000000000ffff66"
    }

    log {
      from  = "10.009s"
      to    = "4m40s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at ${node} (3 ms) [hash: 0x8888000000000000000000000000000000000000000000000000000000aaaa88; parent_hash: 0x6666…ff66; no extrinsics"
    }

    log {
      from  = "10.011s"
      to    = "4m40s"
      every = "30s"
      text  = "${info} aura: 🔖 Pre-sealed block for proposal at ${node}. Hash now 0x9999000000000000000000000000000000000000000000000000000000bbbb99, previously 0x8888000000000000000000000000000000000000000000000000000000aaaa88."
    }

    log {
      from  = "8m10.002s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🙌 Starting consensus session on top of parent 0x6666000000000000000000000000000000000000000000000000000000ffff66"
    }

    log {
      from  = "8m10.009s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at ${node} (3 ms) [hash: 0x8888000000000000000000000000000000000000000000000000000000aaaa88; parent_hash: 0x6666…ff66; no extrinsics"
    }

    log {
      from  = "8m10.011s"
      every = "30s"
      text  = "${info} aura: 🔖 Pre-sealed block for proposal at ${node}. Hash now 0x9999000000000000000000000000000000000000000000000000000000bbbb99, previously 0x8888000000000000000000000000000000000000000000000000000000aaaa88."
    }

    log_gap {
      at     = "5m10s"
      reason = "lines of 12 s are missing: the log was rotated before it was read"
    }
  }

  expect {
    at      = ["6m", "7m"]
    verdict = "unknown"
    facts   = { producing = null, major_sync = null }
  }
  expect {
    from    = "8m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 5m   ok
    6m .. 7m   unknown  evidence  | Container azero: rule block_lag.moderate lacks major_sync (lines of 12 s are missing: the log was rotated before it was read); rule block_lag.moderate lacks pro…
    8m .. 15m  ok
  EOT
}

test "a gap in the log while a validator lags, careful" {
  trace    = "log-gap.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet)
    2m .. 15m  ok
  EOT
}
