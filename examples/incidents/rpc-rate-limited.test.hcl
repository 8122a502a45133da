# The endpoint refuses to answer for an hour: too many requests from this address.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = network
}

test "an endpoint that refuses for an hour" {
  about    = <<-EOT
    Every call fails from 10m to 1h10m. The node is fine, which nobody can tell; its log is recorded as
    events.
  EOT
  operator = "Nothing to the node; asked more rarely, or elsewhere."

  history {
    to = "80m"

    target {
      started = "-125h"
    }

    head {
      to         = "9m30s"
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    head_error {
      from  = "10m"
      to    = "70m"
      every = "30s"
      error = "429 Too Many Requests: API rate limit exceeded"
    }

    head {
      from       = "70m30s"
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    events {
      from  = "19.5s"
      every = "20s"
      lines = 24
      event {
        kind   = "block_imported"
        number = node
      }
    }
  }

  expect {
    from    = "10m"
    to      = "1h10m"
    verdict = "unknown"
    reason  = "no usable head (onfinality: 429 Too Many Requests: API rate limit exceeded)"
    holds   = lag == null && stalled_for < 1
  }

  verdicts = <<-EOT
    1m .. 9m        ok
    10m .. 1h10m    unknown  evidence  | Container azero: no usable head (onfinality: 429 Too Many Requests: API rate limit exceeded)
    1h11m .. 1h20m  ok
  EOT
}

test "an endpoint that refuses for an hour, careful" {
  trace    = "rpc-rate-limited.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m              unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 9m        ok
    10m .. 1h10m    unknown  evidence  | Container azero: no usable head (onfinality: 429 Too Many Requests: API rate limit exceeded)
    1h11m .. 1h20m  ok
  EOT
}
