# Docker cannot tell the state of this container for ten minutes, nor give its log, while the rest of the engine
# answers. The node is fine.
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

test "an engine that hangs on one container" {
  about    = "Inspect hangs from 5m to 15m; then the log is read from where it broke off."
  operator = "Looked at the engine. The node had better be left alone: a restart would hang too."

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
      to    = "5m0.018s"
      every = "1s"
      text  = import
    }

    target {
      at    = "5m5s"
      error = "inspect container: no answer within 10s"
    }

    log_error {
      at    = "5m6s"
      error = "stream broke off: unexpected end"
    }

    target {
      at      = "15m5s"
      started = "-125h"
    }

    events {
      at    = "15m6s"
      lines = 723
      event {
        kind   = "block_imported"
        number = node
      }
    }

    log {
      from  = "15m7.018s"
      every = "1s"
      text  = import
    }
  }

  expect {
    from   = "6m"
    to     = "15m"
    rule   = "target"
    reason = "Container azero cannot be inspected: inspect container: no answer within 10s"
  }
  expect {
    from    = "16m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 5m    ok
    6m .. 15m   unknown  target  | Container azero cannot be inspected: inspect container: no answer within 10s
    16m .. 22m  ok
  EOT
}

test "an engine that hangs on one container, careful" {
  trace    = "engine-hangs.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 5m    ok
    6m .. 15m   unknown  target    | Container azero cannot be inspected: inspect container: no answer within 10s
    16m .. 22m  ok
  EOT
}
