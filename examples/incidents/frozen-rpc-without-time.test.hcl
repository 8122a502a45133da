# The endpoint answers with the same block for a quarter of an hour, and does not say when it was made.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = network

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
}

test "a frozen RPC endpoint that does not say it" {
  about    = "The endpoint stands still from 5m to 20m and does not say how old its block is; the node wedges meanwhile, at 10m."
  operator = "Restarted the node, having seen with a second endpoint that the network goes on."
  differs  = <<-EOT
    It sees nothing wrong: without the block's own time every answer counts as fresh, and the node is above
    it. Name a second head source; rpc-onfinality reads the time of a block where the chain has one.
  EOT

  history {
    to = "20m"

    target {
      started = "-125h"
    }

    head {
      every     = "30s"
      best      = min(network, 105000300)
      finalized = min(network, 105000300) - 2
    }

    log {
      from  = "18ms"
      to    = "10m0.018s"
      every = "1s"
      text  = import
    }
  }

  expect {
    verdict = "ok"
    facts   = { head_age = 0 }
  }

  verdicts = <<-EOT
    1m .. 20m  ok
  EOT
}

test "a frozen RPC endpoint that does not say it, careful" {
  trace    = "frozen-rpc-without-time.jsonl.gz"
  env      = { PROFILE = "careful" }
  differs  = "It knows that the endpoint is behind the node, and so it knows no head. With a second endpoint it restarts the wedged node."
  verdicts = <<-EOT
    1m .. 3m   unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    4m .. 5m   ok
    6m .. 20m  unknown  evidence  | Container azero: no usable head (onfinality: its head 105000300 is below block 105000359 that the node itself has)
  EOT
}
