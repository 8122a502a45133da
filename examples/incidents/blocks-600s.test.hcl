# A chain that makes a block in ten minutes, not always on time. Recorded in a dry run.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  # The blocks of half an hour come at its minutes 4, 14 and 30.
  minute  = floor(t / 60) - 30 * floor(t / 1800)
  network = 900000 + 3 * floor(t / 1800) + (minute >= 14 ? 2 : minute >= 4 ? 1 : 0)
  node    = min(network, 900009)
  made    = floor(t / 1800) * 1800 + (minute >= 14 ? 840 : minute >= 4 ? 240 : 0)
}

test "blocks of ten minutes" {
  about    = "A block comes after 4, 10 or 16 minutes. The node stands still from 1h30m on."
  operator = "Restarted it when it had missed some blocks."
  differs  = "Most of the time it knows no head: a block is older than three minutes. It would wait until 20 blocks are missing."

  history {
    to = "3h18m"

    target {
      started = "-125h"
    }

    head {
      every      = "1m"
      best       = network
      block_time = made
    }

    log {
      every = "1m"
      text  = "${stamp} 💤 Idle (40 peers), best: #${node} (0x12ab…34cd), finalized #${node - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 7m        ok
    8m .. 13m       unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    14m .. 17m      ok
    18m .. 29m      unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    30m .. 37m      ok
    38m .. 43m      unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    44m .. 47m      ok
    48m .. 59m      unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    1h .. 1h7m      ok
    1h8m .. 1h13m   unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    1h14m .. 1h17m  ok
    1h18m .. 1h29m  unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    1h30m .. 1h37m  ok
    1h38m .. 1h43m  unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    1h44m .. 1h47m  ok
    1h48m .. 1h59m  unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    2h .. 2h7m      ok
    2h8m .. 2h13m   unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    2h14m .. 2h17m  ok
    2h18m .. 2h29m  unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    2h30m .. 2h37m  ok
    2h38m .. 2h43m  unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    2h44m .. 2h47m  ok
    2h48m .. 2h59m  unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    3h .. 3h7m      ok
    3h8m .. 3h13m   unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
    3h14m .. 3h17m  ok
    3h18m           unknown  evidence  | Container azero: no usable head (onfinality: its newest head is 240s old (max_age 180s), or this machine's clock is ahead)
  EOT
}

test "blocks of ten minutes, careful" {
  trace    = "blocks-600s.jsonl.gz"
  env      = { PROFILE = "careful" }
  differs  = "With one endpoint it waits until the node has stood for ten block times; with several it would restart it at 2h30m."
  verdicts = <<-EOT
    1m .. 2m        unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    3m              unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule sync_stall lacks block_time (the network has not risen…
    4m .. 6m        unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    7m .. 13m       unknown  evidence          | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule sync_stall lacks block_time (the network has not risen…
    14m .. 2h29m    ok
    2h30m .. 3h9m   held     sync_stall        | Container azero sync stalled for 180s (no progress) (one_witness: not restarted); one_witness: too few head sources agree on how high the network is, and the no…
    3h10m           act      sync_stall        | Container azero sync stalled for 180s (no progress)
    3h11m .. 3h14m  held     cooldown
    3h15m           held     sync_stall        | Container azero sync stalled for 180s (no progress) (recovery: not restarted); recovery: it is not known yet whether the act of 15:10:00 UTC helped
    3h16m .. 3h18m  held     block_lag.severe  | Container azero is behind by 11 blocks (>10). Restarting... (recovery: not restarted); Container azero sync stalled for 180s (no progress); recovery: it is not …
  EOT
}
