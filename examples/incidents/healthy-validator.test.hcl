# A validator in the committee at work: it proposes in a slot of its own every 30 seconds, and a session ends
# every 15 minutes. After each it counts as not producing until its next slot.
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

test "a healthy validator" {
  about    = "A validator produces its blocks, through two changes of the session and a small reorganisation."
  operator = "Nothing."

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
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "5m0.4s"
      every = "15m"
      text  = "${info} aleph-party: Running session ${floor(network / 900)}."
    }

    log {
      from  = "5m0.401s"
      every = "15m"
      text  = "${info} aleph-party: Running session with AlephBFT version 4, which is current."
    }

    log {
      from  = "10.002s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🙌 Starting consensus session on top of parent 0x6666000000000000000000000000000000000000000000000000000000ffff66"
    }

    log {
      from  = "10.009s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at ${node} (3 ms) [hash: 0x8888000000000000000000000000000000000000000000000000000000aaaa88; parent_hash: 0x6666…ff66; no extrinsics"
    }

    log {
      from  = "10.011s"
      every = "30s"
      text  = "${info} aura: 🔖 Pre-sealed block for proposal at ${node}. Hash now 0x9999000000000000000000000000000000000000000000000000000000bbbb99, previously 0x8888000000000000000000000000000000000000000000000000000000aaaa88."
    }

    log {
      at   = "17m31.02s"
      text = "${info} sc_informant: ♻️  Reorg on #${node - 1},0x9999…bb99 to #${node},0xaaaa…ccaa, common ancestor #${node - 2},0x6666…ff66"
    }
  }

  expect {
    verdict = "ok"
    holds   = lag <= 1
  }
  expect {
    at    = ["4m", "5m", "6m", "20m", "21m"]
    facts = { producing = true, session = t <= 300 ? null : floor((network - 1) / 900) }
  }

  verdicts = <<-EOT
    1m .. 22m  ok
  EOT
}

test "a healthy validator, careful" {
  trace    = "healthy-validator.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet)
    2m .. 22m  ok
  EOT
}
