# The network stops finalising: after 20 blocks its validators stop making new ones, and the best block stands
# still everywhere, 20 above the finalised one. This node is a validator; it waits, and says so in each of its
# slots.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + (t < 321 ? floor(t) : t < 1201 ? 320 : floor(t) - 880)
  node    = network
  final   = t < 303 ? network - 2 : t < 1201 ? 105000300 : network - 2

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${final} (${hash(final)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a finality stall" {
  about    = "Finality stands still from 5m to 20m, and the best block from 5m20s on."
  operator = <<-EOT
    Nothing to the node: nothing local is wrong. Many restarts at once would cost the network the votes it
    lacks.
  EOT

  history {
    to = "28m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = network
      finalized  = final
      block_time = t < 321 || t >= 1201 ? t - 1 : 320
    }

    log {
      from  = "18ms"
      to    = "5m20.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "5m0.4s"
      text = "${info} aleph-party: Running session ${floor(network / 900)}."
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

    log {
      from  = "5m40.001s"
      to    = "19m40.001s"
      every = "30s"
      text  = "${stamp}  WARN tokio-runtime-worker aleph_node::service: We have 20 nonfinalized blocks, with the limit being 20, delaying block production."
    }

    log {
      from  = "20m1.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "20m10.002s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🙌 Starting consensus session on top of parent 0x6666000000000000000000000000000000000000000000000000000000ffff66"
    }

    log {
      from  = "20m10.009s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at ${node} (3 ms) [hash: 0x8888000000000000000000000000000000000000000000000000000000aaaa88; parent_hash: 0x6666…ff66; no extrinsics"
    }

    log {
      from  = "20m10.011s"
      every = "30s"
      text  = "${info} aura: 🔖 Pre-sealed block for proposal at ${node}. Hash now 0x9999000000000000000000000000000000000000000000000000000000bbbb99, previously 0x8888000000000000000000000000000000000000000000000000000000aaaa88."
    }
  }

  expect {
    at    = "7m"
    facts = { lag = 0, finalized = 105000300, synced = 105000320 }
  }
  expect {
    from    = "9m"
    to      = "20m"
    verdict = "unknown"
  }
  expect {
    from    = "21m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 8m    ok
    9m .. 20m   unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 220s old (max_age 180s), or this machine's clock is ahead)
    21m .. 28m  ok
  EOT
}

test "a finality stall, careful" {
  trace    = "finality-stall.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet)
    2m .. 28m  ok
  EOT
}
