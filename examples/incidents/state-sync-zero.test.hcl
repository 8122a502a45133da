# A new node fetches the state of its network, in which it imports no block and has none. Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
  node    = min(network, 20000200 + floor((t - 1800) * 2))
}

test "a state sync from block 0" {
  about    = "The node is started with an empty database; it fetches the state for 30 minutes, then imports the last blocks."
  operator = "Nothing: the log says how far it is."

  history {
    to = "45m"

    target {
      started = "-10s"
    }

    head {
      every      = "30s"
      best       = network
      block_time = t - 2
    }

    log {
      to    = "30m"
      every = "30s"
      text  = "${stamp} ⚙️  State sync, Importing state, ${floor(t / 18)}%, 117.12 Mib (8 peers), best: #0 (0x91b1…90c3), finalized #0 (0x91b1…90c3), ⬇ 2.1MiB/s ⬆ 9.9kiB/s"
    }

    log {
      from  = "30m15s"
      to    = "33m15s"
      every = "30s"
      text  = "${stamp} ⚙️  Syncing 8.0 bps, target=#${network} (12 peers), best: #${node} (0x12ab…34cd), finalized #${node} (0x56cd…78ef), ⬇ 1.1MiB/s ⬆ 9.9kiB/s"
    }

    log {
      from  = "33m30s"
      every = "30s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 4m    held     cooldown
    5m .. 30m   unknown  evidence  | Container azero: no synced block in this run's log
    31m .. 45m  ok
  EOT
}

test "a state sync from block 0, careful" {
  trace    = "state-sync-zero.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m .. 4m    held     cooldown
    5m .. 30m   unknown  evidence  | Container azero: no synced block in this run's log
    31m .. 45m  ok
  EOT
}
