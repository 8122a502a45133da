# The disk is full: the database refuses to write, and the node lives on without importing anything.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = 105000000 + min(floor(t), 605)

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a node on a full disk" {
  about    = "Imports end at 10m5s, with an error of the database; the process stays."
  operator = "Made room on the disk, then restarted the node."

  history {
    to = "18m"

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
      to    = "10m5.018s"
      every = "1s"
      text  = import
    }

    log {
      from  = "3.121s"
      every = "20s"
      text  = status
    }

    log {
      at   = "10m5.6s"
      text = <<-EOT
        Critical database error: Custom { kind: Other, error: Error { message: "IO error: No space left on device: While appending to file: /data/chains/mainnet/db/full/180231.log" } }
      EOT
    }
  }

  expect {
    from    = "11m"
    rule    = "cause"
    verdict = "held"
    reason  = "Container azero reports database, which no restart cures: Critical database error"
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m .. 18m  held  cause  | Container azero reports database, which no restart cures: Critical database error: Custom { kind: Other, error: Error { message: "IO error: No space left on dev…
  EOT
}

test "a node on a full disk, careful" {
  trace    = "disk-full.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 10m   ok
    11m .. 18m  held     cause     | Container azero reports database, which no restart cures: Critical database error: Custom { kind: Other, error: Error { message: "IO error: No space left on dev…
  EOT
}
