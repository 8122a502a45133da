# The endpoint answers with the same block for a quarter of an hour: a cache, or a node behind it that is stuck
# itself.
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

test "a frozen RPC endpoint that says how old its block is" {
  about    = "The endpoint stands still at block 105000300 from 5m to 20m. The node is fine."
  operator = "Nothing to the node; another endpoint, or a second head source beside it."

  history {
    to = "25m"

    target {
      started = "-125h"
    }

    head {
      to         = "5m"
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    head {
      from       = "5m30s"
      to         = "19m30s"
      every      = "30s"
      best       = 105000300
      finalized  = 105000300 - 2
      block_time = 299
    }

    head {
      from       = "20m"
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
  }

  expect {
    to    = "7m"
    holds = lag <= 1
  }
  expect {
    from    = "8m"
    to      = "19m"
    verdict = "unknown"
    reason  = "its newest head is"
  }
  expect {
    from    = "20m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 7m    ok
    8m .. 19m   unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 181s old (max_age 180s), or this machine's clock is ahead)
    20m .. 25m  ok
  EOT
}

test "a frozen RPC endpoint that says how old its block is, careful" {
  trace    = "frozen-rpc.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 5m    ok
    6m .. 7m    unknown  evidence  | Container azero: no usable head (onfinality: its head 105000300 is below block 105000359 that the node itself has)
    8m .. 19m   unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 181s old (max_age 180s), and others have younger ones)
    20m .. 25m  ok
  EOT
}
