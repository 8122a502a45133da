# The clock of the machine is an hour slow until its time server is reached, at 10m30s; then it jumps. The times
# of blocks, which the network makes, were an hour ahead of it before.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t < 631 ? t : t - 3600)
  node    = network

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a clock that jumps an hour ahead" {
  about    = "At 10m30s it is suddenly 1h10m30s; node and network go on as if nothing were."
  operator = "Nothing."

  history {
    to = "1h20m"

    target {
      started = "-125h"
    }

    head {
      to         = "10m30s"
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t + 3599
    }

    log {
      from  = "18ms"
      to    = "10m30.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      to    = "10m23.121s"
      every = "20s"
      text  = status
    }

    head {
      from       = "1h11m"
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    log {
      from  = "1h10m31.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "1h10m33.121s"
      every = "20s"
      text  = status
    }

    check {
      from  = "1m"
      to    = "10m"
      every = "1m"
    }

    check {
      from  = "1h11m"
      every = "1m"
    }
  }

  expect {
    verdict = "ok"
    holds   = lag <= 1 && head_age < 60
  }
  expect {
    at    = "1h11m"
    holds = stalled_for < 10 && log_age < 1
  }

  verdicts = <<-EOT
    1m .. 1h20m  ok
  EOT
}

test "a clock that jumps an hour ahead, careful" {
  trace    = "clock-jump.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m .. 3m     unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    4m .. 1h20m  ok
  EOT
}
