# Two of three endpoints stand still, and say how old their block is. The node is fine.
config = "three-endpoints.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  network = 20000000 + floor(t / 6)
}

test "two stale dated endpoints of three" {
  about    = "The first and the third stand at a block from 5m to 25m."
  operator = "Nothing to the node; other endpoints."

  history {
    to = "30m"

    target {
      started = "-125h"
    }

    head {
      source     = "first"
      endpoint   = "https://rpc.first.example"
      every      = "30s"
      best       = t < 300 ? network : t < 1500 ? 20000050 : network
      block_time = t < 300 || t >= 1500 ? t - 2 : 298
    }

    head {
      source     = "second"
      endpoint   = "https://rpc.second.example"
      every      = "30s"
      best       = network
      block_time = t - 2
    }

    head {
      source     = "third"
      endpoint   = "https://rpc.third.example"
      every      = "30s"
      best       = t < 300 ? network : t < 1500 ? 20000050 : network
      block_time = t < 300 || t >= 1500 ? t - 2 : 298
    }

    log {
      every = "30s"
      text  = "${stamp} 💤 Idle (40 peers), best: #${network} (0x12ab…34cd), finalized #${network - 3} (0x56cd…78ef), ⬇ 12.1kiB/s ⬆ 9.9kiB/s"
    }
  }

  verdicts = <<-EOT
    1m .. 30m  ok
  EOT
}

test "two stale dated endpoints of three, careful" {
  trace    = "stale-two-of-three.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 30m  ok
  EOT
}
