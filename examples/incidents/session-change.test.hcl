# A validator lags a little while a session ends, and is not in the committee of the next: no slot of its own
# shows that it works. Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node = 105000000 + (
    t < 250 ? floor(t) :
    t < 390 ? 250 + floor((t - 250) / 1.43) :
    t < 392 ? 347 :
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

test "a validator between sessions" {
  about    = "From 4m10s to 6m30s the node imports seven blocks in ten seconds; session 116667 begins at 5m22s."
  operator = "Nothing: the lag is small, it ends by itself, and a restart costs a validator its slots."
  differs  = <<-EOT
    Until the session ends, producing keeps it from acting; at the next check no slot of its own is seen,
    and it restarts a node that is 34 blocks behind.
  EOT

  history {
    to = "13m"

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
      to    = "4m9.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "4m10.018s"
      to    = "6m29.9s"
      every = "1430ms"
      text  = import
    }

    log {
      from  = "6m30.2s"
      to    = "6m30.716s"
      every = "12ms"
      text  = "${info} substrate: ✨ Imported #${105000348 + n} (${hash(105000348 + n)})"
    }

    log {
      from  = "6m32.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "5m21.9s"
      text = "${info} aleph-party: Running session 116667."
    }

    log {
      from  = "10.002s"
      to    = "5m10s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🙌 Starting consensus session on top of parent 0x6666000000000000000000000000000000000000000000000000000000ffff66"
    }

    log {
      from  = "10.009s"
      to    = "5m10s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at ${node} (3 ms) [hash: 0x8888000000000000000000000000000000000000000000000000000000aaaa88; parent_hash: 0x6666…ff66; no extrinsics"
    }

    log {
      from  = "10.011s"
      to    = "5m10s"
      every = "30s"
      text  = "${info} aura: 🔖 Pre-sealed block for proposal at ${node}. Hash now 0x9999000000000000000000000000000000000000000000000000000000bbbb99, previously 0x8888000000000000000000000000000000000000000000000000000000aaaa88."
    }
  }

  expect {
    at      = "5m"
    verdict = "ok"
    facts   = { producing = true }
  }
  expect {
    at    = "6m"
    rule  = "block_lag.moderate"
    facts = { lag = 34, producing = false, session = 116667 }
  }
  expect {
    at    = "7m"
    holds = lag <= 1
  }

  verdicts = <<-EOT
    1m .. 5m    ok
    6m          act   block_lag.moderate  | Container azero is behind by 34 blocks (>20) and not syncing/producing. Restarting...
    7m .. 10m   held  cooldown
    11m .. 13m  ok
  EOT
}

test "a validator between sessions, careful" {
  trace    = "session-change.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet)
    2m .. 13m  ok
  EOT
}
