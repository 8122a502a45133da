# A node that was off for four and a half days catches up 400,000 blocks at 100 blocks/s, in 67 minutes.
# Recorded in a dry run, as events: what the parser made of its 404,000 lines, every ten seconds.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = min(104600000 + floor(100 * t), network)
}

test "a catch-up of 400,000 blocks at 100 blocks/s" {
  about    = "The node is started at 0s, 400,000 blocks behind, and gains 99 blocks/s until it is at the head."
  operator = "Nothing: it converges, and says itself when it will be there."
  differs  = <<-EOT
    It restarts the healthy catch-up as soon as the cooldown after the start is over, and after each
    cooldown: 13 times. Raise BLOCK_LAG_100 or COOLDOWN while a node catches up, or say unless = sync_rate >
    1 in the block.
  EOT

  history {
    to = "75m"

    target {
      started = "0s"
    }

    head {
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    events {
      at    = "2s"
      lines = 12
      event {
        kind = "major_sync"
      }
    }

    events {
      from  = "9.5s"
      every = "10s"
      lines = node < network ? 1000 : 12
      event {
        kind   = "block_imported"
        number = node
      }
      event {
        kind   = "block_finalized"
        number = node - 2
      }
    }

    events {
      at    = "67m31s"
      lines = 1
      event {
        kind = "not_major_sync"
      }
    }
  }

  expect {
    from  = "2m"
    to    = "67m"
    holds = caught_up >= 5900 && eta < 4100 && lag < 400000
  }
  expect {
    from    = "70m"
    verdict = "ok"
  }

  verdicts = <<-EOT
    1m .. 4m        held  cooldown
    5m              act   block_lag.severe  | Container azero is behind by 370350 blocks (>100). Restarting...
    6m .. 9m        held  cooldown
    10m             act   block_lag.severe  | Container azero is behind by 340650 blocks (>100). Restarting...
    11m .. 14m      held  cooldown
    15m             act   block_lag.severe  | Container azero is behind by 310950 blocks (>100). Restarting...
    16m .. 19m      held  cooldown
    20m             act   block_lag.severe  | Container azero is behind by 281250 blocks (>100). Restarting...
    21m .. 24m      held  cooldown
    25m             act   block_lag.severe  | Container azero is behind by 251550 blocks (>100). Restarting...
    26m .. 29m      held  cooldown
    30m             act   block_lag.severe  | Container azero is behind by 221850 blocks (>100). Restarting...
    31m .. 34m      held  cooldown
    35m             act   block_lag.severe  | Container azero is behind by 192150 blocks (>100). Restarting...
    36m .. 39m      held  cooldown
    40m             act   block_lag.severe  | Container azero is behind by 162450 blocks (>100). Restarting...
    41m .. 44m      held  cooldown
    45m             act   block_lag.severe  | Container azero is behind by 132750 blocks (>100). Restarting...
    46m .. 49m      held  cooldown
    50m             act   block_lag.severe  | Container azero is behind by 103050 blocks (>100). Restarting...
    51m .. 54m      held  cooldown
    55m             act   block_lag.severe  | Container azero is behind by 73350 blocks (>100). Restarting...
    56m .. 59m      held  cooldown
    1h              act   block_lag.severe  | Container azero is behind by 43650 blocks (>100). Restarting...
    1h1m .. 1h4m    held  cooldown
    1h5m            act   block_lag.severe  | Container azero is behind by 13950 blocks (>100). Restarting...
    1h6m .. 1h9m    held  cooldown
    1h10m .. 1h15m  ok
  EOT
}

test "a catch-up of 400,000 blocks at 100 blocks/s, careful" {
  trace    = "catch-up-fast.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m .. 4m       held  cooldown
    5m .. 1h7m     held  block_lag.severe  | Container azero is behind by 370350 blocks (>300). Restarting... (catching_up: not restarted); catching_up: the node gains 99.00 blocks a second on the network
    1h8m .. 1h15m  ok
  EOT
}
