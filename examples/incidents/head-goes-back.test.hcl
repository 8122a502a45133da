# Behind the endpoint are three nodes in turn, and one of them is 40 blocks behind: the head goes back at every
# third answer.
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

test "a head that goes back" {
  about    = "The head is 40 blocks lower at every third answer. The node is fine."
  operator = "Nothing."

  history {
    to = "15m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = network - (n % 3 == 0 ? 40 : 0)
      finalized  = network - (n % 3 == 0 ? 40 : 0) - 2
      block_time = n % 3 == 0 ? t - 41 : t - 1
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
    verdict = "ok"
    holds   = lag <= 1
  }

  verdicts = <<-EOT
    1m .. 15m  ok
  EOT
}

test "a head that goes back, careful" {
  trace    = "head-goes-back.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 15m  ok
  EOT
}
