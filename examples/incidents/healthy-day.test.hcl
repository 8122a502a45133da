# A whole day of a node at the head, recorded as events: what the parser made of its 104,000 lines. The
# network's endpoint fails once, at 9h17m.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = network
}

test "a healthy day" {
  about    = "A node imports a block a second for a day; one call of the RPC endpoint fails."
  operator = "Nothing."

  history {
    to = "24h"

    target {
      started = "-125h"
    }

    head {
      to         = "9h16m"
      every      = "1m"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    head_error {
      at    = "9h17m"
      error = "429 Too Many Requests"
    }

    head {
      from       = "9h18m"
      every      = "1m"
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
      event {
        kind   = "block_finalized"
        number = node - 2
      }
      event {
        kind  = "fact"
        name  = "peers"
        value = 11 + n % 3
      }
    }

    events {
      from  = "5m0.4s"
      every = "15m"
      lines = 1
      event {
        kind   = "session_started"
        number = floor(network / 900)
      }
    }
  }

  expect {
    to    = "9h16m"
    holds = lag <= 2 && head_age <= 1 && log_age < 1
  }
  expect {
    at     = "9h17m"
    reason = "no usable head (onfinality: 429 Too Many Requests)"
  }

  verdicts = <<-EOT
    1m .. 9h16m   ok
    9h17m         unknown  evidence  | Container azero: no usable head (onfinality: 429 Too Many Requests)
    9h18m .. 24h  ok
  EOT
}

test "a healthy day, careful" {
  trace    = "healthy-day.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m            unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 9h16m   ok
    9h17m         unknown  evidence  | Container azero: no usable head (onfinality: 429 Too Many Requests)
    9h18m .. 24h  ok
  EOT
}
