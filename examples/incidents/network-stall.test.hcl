# The whole network stands still for 15 minutes: every node is frozen at the same block, and this one with it.
# The endpoint goes on answering, and says how old its block is.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + (t < 601 ? floor(t) : t < 1501 ? 600 : floor(t) - 900)
  node    = network

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a network-wide stall" {
  about    = "No block anywhere from 10m to 25m; the node is level with the network all the time."
  operator = "Nothing to the node: its lag is 0. Asked the validators of the network what is being done."

  history {
    to = "32m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t < 601 || t >= 1501 ? t - 1 : 600
    }

    log {
      from  = "18ms"
      to    = "10m0.018s"
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
      from  = "25m1.018s"
      every = "1s"
      text  = import
    }
  }

  expect {
    to    = "13m"
    holds = lag <= 1
  }
  expect {
    from    = "14m"
    to      = "25m"
    verdict = "unknown"
    reason  = "no usable head (onfinality: its newest head is"
  }
  expect {
    from    = "26m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 13m   ok
    14m .. 25m  unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    26m .. 32m  ok
  EOT
}

test "a network-wide stall, careful" {
  trace    = "network-stall.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 32m  ok
  EOT
}
